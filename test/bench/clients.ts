import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { type Agent, request } from "node:https";

/** What became of the requests of some clients. */
export interface Load {
  answered: number;
  serverErrors: number;
  reset: number;
  /** Reset, and reset again when asked once more. */
  lost: number;
}

export const noLoad = (): Load => ({ answered: 0, serverErrors: 0, reset: 0, lost: 0 });

/** Asks once; gives the status of an answer that came to its end. */
export type Client = () => Promise<number>;

export interface Place {
  /** On this machine. */
  readonly port: number;
  readonly host: string;
  readonly path?: string;
}

/** Asks again and again, and once more where the connection was reset, until the signal. */
export async function work(ask: Client, { load, signal }: { load: Load; signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    const status = await ask().catch(() => {
      load.reset += 1;
      return ask().catch(() => {
        load.lost += 1;
        return undefined;
      });
    });
    if (status === undefined) continue;
    load.answered += 1;
    if (status >= 500) load.serverErrors += 1;
  }
}

/** Over HTTP/1.1, on a connection of its own where no agent is given. */
export async function askOnce({ port, host, path = "/", agent }: Place & { agent?: Agent }): Promise<number> {
  const outgoing = request({
    host: "127.0.0.1",
    port,
    path,
    servername: host,
    headers: { host },
    rejectUnauthorized: false,
    agent: agent ?? false,
  });
  // Between the end of an answer and that of its connection nobody else listens.
  outgoing.on("error", () => undefined).end();
  const [incoming] = await once(outgoing, "response");
  for await (const _chunk of incoming);
  return incoming.statusCode;
}

/** Over one session of HTTP/2, and another one when the server ends it. */
export function askOver({ port, host, path = "/" }: Place): Client {
  let session: ClientHttp2Session | undefined;
  const open = () => {
    const opened = connect(`https://127.0.0.1:${port}`, { servername: host, rejectUnauthorized: false });
    const forget = () => {
      if (session === opened) session = undefined;
      opened.close();
    };
    opened.on("error", forget).on("goaway", forget).on("close", forget);
    return opened;
  };
  return async () => {
    session ??= open();
    const stream = session.request({ ":path": path, ":authority": host });
    stream.resume().end();
    let status: number | undefined;
    stream.on("response", (headers) => {
      status = headers[":status"];
    });
    await once(stream, "close");
    if (status === undefined) throw new Error("the session ended before an answer");
    return status;
  };
}
