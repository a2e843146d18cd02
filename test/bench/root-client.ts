import { request } from "node:http";
import type { z } from "zod";
import { type CommandRequest, CommandView, endedStates } from "#shared/api/beacon.ts";
import { Problem, parseOr } from "#shared/problem.ts";

/** The agent's API over its Unix socket for root. */
export interface RootClient {
  readonly post: <Schema extends z.ZodType>(path: string, body: unknown, schema: Schema) => Promise<z.output<Schema>>;
  /** Gives a command and waits for its end. @returns how long that took, in milliseconds */
  readonly run: (command: CommandRequest) => Promise<number>;
}

export function createRootClient(socketPath: string): RootClient {
  const ask = async <Schema extends z.ZodType>(method: string, path: string, body: unknown, schema: Schema) => {
    const text = await send({ socketPath, method, path, body });
    return parseOr(schema, JSON.parse(text), `the answer to ${path}`);
  };
  return {
    post: (path, body, schema) => ask("POST", path, body, schema),
    run: async (command) => {
      const started = performance.now();
      let view = await ask("POST", "/api/commands", command, CommandView);
      while (!endedStates.includes(view.state)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        view = await ask("GET", `/api/commands/${view.id}`, undefined, CommandView);
      }
      if (view.problem !== undefined) throw Problem.from(view.problem);
      return performance.now() - started;
    },
  };
}

interface Question {
  readonly socketPath: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

const send = ({ socketPath, method, path, body }: Question) =>
  new Promise<string>((resolve, reject) => {
    const asked = request({ socketPath, method, path, headers: { "content-type": "application/json" } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        const ok = (response.statusCode ?? 0) < 300;
        if (ok) resolve(text);
        else reject(new Problem("unavailable", `${method} ${path} answered ${response.statusCode}: ${text}`));
      });
    });
    asked.on("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
