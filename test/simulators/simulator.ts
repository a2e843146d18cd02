import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import type { Contract, SeenRequest } from "./contract.ts";

/** Something that goes wrong once, with the next request that it is for. */
export type Fault =
  /** Answered at once, nothing is done. */
  | {
      readonly kind: "answer";
      readonly status: number;
      /** Text as it is, anything else as JSON. */
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
    }
  /** The connection breaks before anything is done. */
  | { readonly kind: "refused" }
  /** All is done, and the connection breaks before the answer. */
  | { readonly kind: "lost" }
  /** Done and answered, so much later. */
  | { readonly kind: "slow"; readonly ms: number };

export interface Simulator {
  /** Origin, for example `http://127.0.0.1:4711`. */
  readonly url: string;
  /** All that came, in order; the newest last. `at` is when, by `performance.now()`. */
  readonly requests: readonly (SeenRequest & { readonly at: number })[];
  /** Requests and answers that the vendor's description does not allow. A test ends with none. */
  readonly violations: readonly string[];
  /** Has faults happen to the next requests whose `METHOD /path` matches, each once and in order. */
  fail(matching: RegExp, ...faults: Fault[]): void;
  /** Faults that have not happened yet. */
  readonly faultsLeft: number;
  /** Forgets those. */
  calm(): void;
  stop(): Promise<void>;
}

export interface SimulatorParts {
  readonly contract: Contract;
  /** What the vendor does, below `basePath`. Bodies are already checked when it is called. */
  readonly app: Hono;
  /** Of the vendor's API, for example `/v1`. Paths outside of it, as of a login or of pages, are served and not checked. */
  readonly basePath?: string;
  /** Where it listens; any free port when absent. */
  readonly port?: number;
  /** How bodies that are no JSON are read, by content type. */
  readonly parse?: Record<string, (text: string) => unknown>;
}

/** A vendor on the loopback interface that keeps state, checks every request and every answer, and fails when it is told to. */
export async function startSimulator({
  contract,
  app,
  basePath = "",
  port = 0,
  parse = {},
}: SimulatorParts): Promise<Simulator> {
  const requests: (SeenRequest & { readonly at: number })[] = [];
  const violations: string[] = [];
  const faults: { readonly matching: RegExp; readonly fault: Fault }[] = [];

  const takeFault = (what: string): Fault | undefined => {
    const index = faults.findIndex(({ matching }) => matching.test(what));
    return index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
  };

  const parseBody = (type: string, text: string): unknown => {
    if (text === "") return undefined;
    const parseText = parse[type.split(";")[0] ?? ""] ?? JSON.parse;
    return parseText(text);
  };

  async function answer(request: Request): Promise<Response | "break"> {
    const url = new URL(request.url);
    if (!url.pathname.startsWith(`${basePath}/`)) return app.fetch(request);
    const at = performance.now();
    const text = await request.clone().text();
    const seen = {
      at,
      method: request.method,
      path: url.pathname.slice(basePath.length),
      query: url.searchParams,
      headers: request.headers,
      body: parseBody(request.headers.get("content-type") ?? "", text),
    };
    requests.push(seen);
    const fault = takeFault(`${seen.method} ${seen.path}`);
    if (fault?.kind === "refused") return "break";
    if (fault?.kind === "answer") {
      const init = { status: fault.status, headers: fault.headers ?? {} };
      return typeof fault.body === "string" ? new Response(fault.body, init) : Response.json(fault.body ?? {}, init);
    }
    const wrong = contract.request(seen);
    violations.push(...wrong);
    if (wrong.length > 0) return Response.json({ simulator: wrong }, { status: 500 });
    const response = await app.fetch(request);
    const body = await response.clone().text();
    violations.push(
      ...contract.reply(seen, { status: response.status, body: body === "" ? undefined : readJson(body) }),
    );
    if (fault?.kind === "lost") return "break";
    if (fault?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms));
    return response;
  }

  const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    void getRequestListener(async (request) => {
      const answered = await answer(request);
      if (answered !== "break") return answered;
      incoming.socket.destroy();
      return new Response(null);
    })(incoming, outgoing);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the simulator listens on no port");

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    violations,
    fail: (matching, ...more) => {
      faults.push(...more.map((fault) => ({ matching, fault })));
    },
    get faultsLeft() {
      return faults.length;
    },
    calm: () => void faults.splice(0),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** What is no JSON is compared as the text it is. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
