import { type IncomingMessage, request } from "node:http";
import { z } from "zod";
import { parseEvents, type ServerSentEvent } from "#shared/api/server-sent-events.ts";
import { Problem, ProblemBody, parseOr } from "#shared/problem.ts";

/** The API of the beacon that this machine is, over the socket that only root can open. */
export interface BeaconClient {
  /** @throws {Problem} the beacon's own; `unavailable` when no agent answers */
  get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>>;
  post<Schema extends z.ZodType>(path: string, body: unknown, schema: Schema): Promise<z.output<Schema>>;
  /** Opens server-sent events, with a body by POST; resolves once they stand. */
  events(path: string, how: { signal: AbortSignal; body?: unknown }): Promise<AsyncIterable<ServerSentEvent>>;
}

interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const Failure = z.object({ code: z.string() });

/** Whose socket it is, and what to say when nobody answers there. */
export interface Peer {
  readonly name: "agent" | "hub";
  readonly hint: string;
}

const agent: Peer = {
  name: "agent",
  hint: "Run this on a beacon, and check: systemctl status wopr-agent. Another data folder is named with --socket.",
};

export function beaconClient(socketPath: string, peer: Peer = agent): BeaconClient {
  const ask = ({ method, path, body, signal }: Asked): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { host: "beacon", ...(body === undefined ? {} : { "content-type": "application/json" }) };
      const options = { socketPath, path: `/api/${path}`, method, headers, agent: false as const };
      const asking = request({ ...options, ...(signal === undefined ? {} : { signal }) }, resolve);
      asking.on("error", (cause) => reject(signal?.aborted ? signal.reason : noAnswer(socketPath, peer, cause)));
      asking.end(body === undefined ? undefined : JSON.stringify(body));
    });

  const json = async <Schema extends z.ZodType>(asked: Asked, schema: Schema): Promise<z.output<Schema>> => {
    const response = await ask(asked);
    const text = await readText(response);
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    if ((response.statusCode ?? 500) >= 400) throw Problem.from(parseOr(ProblemBody, body, "the beacon's answer"));
    return parseOr(schema, body, "the beacon's answer", "internal");
  };

  return {
    get: (path, schema) => json({ method: "GET", path }, schema),
    post: (path, body, schema) => json({ method: "POST", path, body }, schema),
    events: async (path, { signal, body }) => {
      const asked: Asked = { method: body === undefined ? "GET" : "POST", path, body, signal };
      const response = await ask(asked);
      if (response.statusCode === 200) return parseEvents(textOf(response, signal));
      throw Problem.from(parseOr(ProblemBody, JSON.parse(await readText(response)), "the beacon's answer"));
    },
  };
}

async function readText(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of response.setEncoding("utf8")) text += piece;
  return text;
}

async function* textOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const piece of response.setEncoding("utf8")) yield String(piece);
  } catch (cause) {
    if (signal.aborted) return;
    throw new Problem("unavailable", "the agent of this beacon went away", {
      hint: "It starts again by itself.",
      cause,
    });
  }
}

function noAnswer(socketPath: string, { name, hint }: Peer, cause: unknown): Problem {
  const code = Failure.safeParse(cause).data?.code;
  if (code === "EACCES" || code === "EPERM") {
    return new Problem("forbidden", `only root may use ${socketPath}`, { hint: "Try it with sudo.", cause });
  }
  return new Problem("unavailable", `no ${name} answers on ${socketPath}`, { hint, cause });
}
