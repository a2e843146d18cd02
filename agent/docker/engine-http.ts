import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from "node:http";
import { addAbortSignal, type Duplex } from "node:stream";
import { EngineSilence, type EngineTimes, engineTimes, type Guard, guardAgainstSilence } from "./engine-silence.ts";

/** The engine answered, and not with what was asked for. */
export class EngineRefusal extends Error {
  /** HTTP status. */
  readonly status: number;

  constructor(status: number, words: string) {
    super(words);
    this.status = status;
  }
}

export interface EngineRequest {
  /** Values that are not text are written as JSON, as the engine reads them; undefined ones are left out. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  /** Sent as JSON; bytes as a tar archive. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Looking this up takes as long as it takes. */
  readonly isSlow?: boolean | undefined;
}

/**
 * The engine's HTTP API on its Unix socket. All throw what the socket throws, which has a `code`, `EngineRefusal`, and
 * `EngineSilence` when the engine hangs: `ask` until it has answered, the others until the answer begins.
 * Source: https://docs.docker.com/reference/api/engine/version/v1.41/
 */
export interface EngineHttp {
  /** The answer, from JSON; undefined when there is none. What it looks like is the engine's word. */
  readonly ask: <Answer>(method: string, path: string, request?: EngineRequest) => Promise<Answer>;
  /** The answer as it comes; the signal ends it. */
  readonly stream: (method: string, path: string, request?: EngineRequest) => Promise<IncomingMessage>;
  /** A connection both ways, which is no longer HTTP. */
  readonly upgrade: (method: string, path: string, request?: EngineRequest) => Promise<Duplex>;
}

export function engineHttp(socketPath: string, times: EngineTimes = engineTimes): EngineHttp {
  const { lookMs, pingEveryMs, pingMs } = times;

  const ping = () =>
    new Promise<void>((resolve, reject) => {
      const outgoing = request({ socketPath, path: "/_ping", timeout: pingMs }, (answer) => {
        answer.resume();
        resolve();
      });
      outgoing.on("timeout", () => outgoing.destroy(new EngineSilence(`no answer to a ping in ${pingMs} ms`)));
      outgoing.on("error", reject);
      outgoing.end();
    });
  const guarded = async <Result>(limitMs: number | undefined, work: (guard: Guard) => Promise<Result>) => {
    const guard = guardAgainstSilence({ ping, pingEveryMs, limitMs });
    try {
      return await work(guard);
    } finally {
      guard.stop();
    }
  };

  const answerOf = async (method: string, path: string, asked: EngineRequest, guard: Guard) => {
    const outgoing = send({ socketPath, method }, path, asked);
    guard.over(outgoing);
    const answer = await answerTo(outgoing);
    guard.over(answer);
    // Whoever reads it is told; an abort that comes before anybody does must not be thrown at nobody.
    answer.on("error", () => undefined);
    if (asked.signal !== undefined) addAbortSignal(asked.signal, answer);
    await refuseUnlessOk(answer);
    return answer;
  };

  return {
    stream: (method, path, asked = {}) => guarded(undefined, (guard) => answerOf(method, path, asked, guard)),
    ask: async (method, path, asked = {}) => {
      const isLook = (method === "GET" || method === "HEAD") && !asked.isSlow;
      const bytes = await guarded(isLook ? lookMs : undefined, async (guard) =>
        bytesOf(await answerOf(method, path, asked, guard)),
      );
      const text = bytes.toString("utf8");
      return text === "" ? undefined : JSON.parse(text);
    },
    upgrade: (method, path, asked = {}) =>
      guarded(undefined, async (guard) => {
        const headers = { connection: "Upgrade", upgrade: "tcp" };
        const outgoing = send({ socketPath, method, headers }, path, asked);
        guard.over(outgoing);
        return await new Promise((resolve, reject) => {
          outgoing.on("error", reject);
          outgoing.on("upgrade", (_answer: IncomingMessage, socket: Duplex, head: Buffer) => {
            if (head.length > 0) socket.unshift(head);
            resolve(socket);
          });
          outgoing.on("response", (answer: IncomingMessage) => {
            guard.over(answer);
            refuseUnlessOk(answer).then(() => reject(new EngineRefusal(answer.statusCode ?? 0, "no upgrade")), reject);
          });
        });
      }),
  };
}

function send(options: RequestOptions, path: string, { query = {}, body, signal }: EngineRequest): ClientRequest {
  const content = body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body);
  const type = body instanceof Uint8Array ? "application/x-tar" : "application/json";
  const outgoing = request({
    ...options,
    path: path + queryOf(query),
    headers: { ...options.headers, ...(content === undefined ? {} : { "content-type": type }) },
    ...(signal === undefined ? {} : { signal }),
  });
  outgoing.end(content);
  return outgoing;
}

function queryOf(values: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return query.size === 0 ? "" : `?${query}`;
}

async function answerTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  const [answer]: IncomingMessage[] = await once(outgoing, "response");
  if (answer === undefined) throw new TypeError("a response without an answer");
  // What breaks from here on breaks the answer, which tells it.
  outgoing.on("error", () => undefined);
  return answer;
}

async function refuseUnlessOk(answer: IncomingMessage): Promise<void> {
  const { statusCode = 0 } = answer;
  if (statusCode >= 200 && statusCode < 300) return;
  const text = (await bytesOf(answer)).toString("utf8");
  throw new EngineRefusal(statusCode, messageIn(text));
}

async function bytesOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Every error is `{ "message": … }`, but a proxy before the engine may say anything. */
function messageIn(text: string): string {
  try {
    const { message }: { message?: unknown } = Object(JSON.parse(text));
    return typeof message === "string" ? message : text;
  } catch {
    return text;
  }
}
