import { request } from "node:https";
import { Problem } from "#shared/problem.ts";

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface HttpsRequest {
  readonly url: string;
  /** Root certificate in PEM that the server's certificate must lead to. */
  readonly ca: string;
  /** Where it is; this machine when absent. */
  readonly address?: string | undefined;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Asks a beacon as somebody outside would: by its public name, over TLS that is verified against `ca`. Names under
 * `.localhost` are loopback (RFC 6761 section 6.3), which not every resolver knows, so that is settled here; for other names `address`
 * takes the place of a resolver.
 * @throws {Problem} `unavailable` when there is no connection or no valid certificate.
 */
export function askHttps(asking: HttpsRequest): Promise<HttpsAnswer> {
  const { url, ca, address = "127.0.0.1", method = "GET", headers = {}, body } = asking;
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: address,
        port: port === "" ? 443 : Number(port),
        servername: hostname,
        path: pathname + search,
        method,
        ca,
        agent: false,
        headers: { host: port === "" ? hostname : `${hostname}:${port}`, ...headers },
        timeout: 10_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
        response.on("error", reject);
      },
    );
    asked.on("timeout", () => asked.destroy(new Error("no answer in 10 s")));
    asked.on("error", (cause) =>
      reject(new Problem("unavailable", `${url} does not answer: ${cause.message}`, { cause })),
    );
    asked.end(body);
  });
}
