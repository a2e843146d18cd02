import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaddyConfig } from "#shared/caddy/config.ts";

/** Another Caddy than the one on the PATH can be tested by naming it here. */
const binary = process.env.CADDY ?? "caddy";

/** In CI a Caddy that is missing is a failure, elsewhere the tests that need one are skipped. */
export const hasCaddy = process.env.CI === "true" || isThere();

function isThere(): boolean {
  try {
    execFileSync(binary, ["version"]);
    return true;
  } catch {
    return false;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

export interface Asked {
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
}

/** A Caddy that runs a beacon's configuration on this machine: only its ports and folder are others. */
export class RealCaddy {
  readonly folder = mkdtempSync(join(tmpdir(), "wopr-caddy-"));
  readonly #ports: { readonly http: number; readonly https: number };
  #process: ReturnType<typeof spawn> | undefined;
  #log = "";

  constructor(ports: { http: number; https: number }) {
    this.#ports = ports;
  }

  static async start(config: CaddyConfig): Promise<RealCaddy> {
    const caddy = new RealCaddy({ http: await freePort(), https: await freePort() });
    const file = join(caddy.folder, "caddy.json");
    writeFileSync(file, caddy.here(config));
    const env = {
      PATH: process.env.PATH,
      HOME: caddy.folder,
      XDG_DATA_HOME: caddy.folder,
      XDG_CONFIG_HOME: caddy.folder,
    };
    const child = spawn(binary, ["run", "--config", file], { env, stdio: ["ignore", "ignore", "pipe"] });
    caddy.#process = child;
    child.stderr.setEncoding("utf8");
    await new Promise<void>((resolve, reject) => {
      child.stderr.on("data", (chunk) => {
        caddy.#log += chunk;
        // Certificates are made after the first configuration is in use.
        const hosts = new Set(JSON.stringify(config.apps.http.servers.https.routes).match(/[a-z.]+\.example\.org/g));
        const made = caddy.#log.match(/certificate obtained successfully/g) ?? [];
        if (made.length >= hosts.size) resolve();
      });
      child.once("exit", () => reject(new Error(`Caddy did not start: ${caddy.#log}`)));
    });
    return caddy;
  }

  /** The configuration as it runs here. */
  here(config: unknown): string {
    return JSON.stringify(config)
      .replaceAll("/run/wopr", this.folder)
      .replace('":80"', `"127.0.0.1:${this.#ports.http}"`)
      .replace('":443"', `"127.0.0.1:${this.#ports.https}"`)
      .replace('"servers"', `"http_port":${this.#ports.http},"https_port":${this.#ports.https},"servers"`);
  }

  admin(method: string, path: string, host: string, body?: string): Promise<Answer> {
    const options = {
      socketPath: join(this.folder, "admin.sock"),
      method,
      path,
      headers: { host, "content-type": "application/json" },
    };
    return answered(httpRequest(options), body);
  }

  http({ host, path = "/", method = "GET" }: Asked): Promise<Answer> {
    return answered(httpRequest({ host: "127.0.0.1", port: this.#ports.http, method, path, headers: { host } }));
  }

  /** Trusts whatever certificate there is; see `rootCertificate` for those who do not. */
  https({ host, path = "/", method = "GET", body }: Asked, ca?: string): Promise<Answer> {
    return answered(this.openHttps({ host, path, method }, ca), body);
  }

  openHttps({ host, path = "/", method = "GET" }: Asked, ca?: string) {
    const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
    const options = {
      host: "127.0.0.1",
      port: this.#ports.https,
      servername: host,
      method,
      path,
      headers: { host },
      agent: false,
    };
    return httpsRequest({ ...options, ...trust });
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child !== undefined && child.exitCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function answered(outgoing: ReturnType<typeof httpRequest>, body?: string): Promise<Answer> {
  const response = new Promise<IncomingMessage>((resolve, reject) =>
    outgoing.on("response", resolve).on("error", reject),
  );
  outgoing.end(body);
  const incoming = await response;
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
