import { type ClientRequest, type IncomingMessage, request as overHttp, type RequestOptions } from "node:http";
import { request as overHttps } from "node:https";

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

export interface HttpRequest extends RequestOptions {
  readonly body?: string | undefined;
  /** More than this of an answer is an error. */
  readonly largestBytes?: number;
}

/**
 * Asks once and reads the whole answer; goes where no answer sends it. Not by `fetch`, whose parser is WebAssembly: with all that it
 * loads it would cost an agent, which asks its hub twice a day, 5 MB for ever.
 * @throws what the socket throws, and the reason of the signal
 */
export function askHttp(url: URL, request: HttpRequest): Promise<HttpAnswer> {
  const send = url.protocol === "https:" ? overHttps : overHttp;
  return answerTo(send(url, request), request);
}

/** The same over a Unix socket, on a connection of its own: one that was kept may be closed by the other side this moment. `socketPath`, `method` and `path` are in the request. */
export const askSocket = (request: HttpRequest): Promise<HttpAnswer> =>
  answerTo(overHttp({ ...request, agent: false }), request);

function answerTo(outgoing: ClientRequest, { body, timeout, largestBytes }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const read = async (incoming: IncomingMessage) => {
      const text = await textOf(incoming, largestBytes);
      resolve({ status: incoming.statusCode ?? 0, text });
    };
    outgoing.on("response", (incoming: IncomingMessage) => read(incoming).catch(reject));
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${timeout} ms`)));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function textOf(incoming: IncomingMessage, largestBytes = Number.POSITIVE_INFINITY): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming) {
    sizeBytes += chunk.length;
    if (sizeBytes > largestBytes) throw new Error(`the answer has more than ${largestBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
