import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { connect } from "node:tls";
import { type CaddyAdmin, caddyAdmin } from "#agent/caddy.ts";
import type { CaddyConfig } from "#shared/caddy/config.ts";

/** Another Caddy than the one on the PATH can be tested by naming it here. */
export const caddyBinary = process.env.CADDY ?? "caddy";

/** The Caddy of the tests, and a later one where `CADDY210` names one of version 2.10 or more. */
export const caddyBinaries = [caddyBinary, ...(process.env.CADDY210 === undefined ? [] : [process.env.CADDY210])];

/** In CI a Caddy that is missing is a failure, elsewhere the tests that need one are skipped. */
export const hasCaddy = process.env.CI === "true" || isThere();

function isThere(): boolean {
  try {
    execFileSync(caddyBinary, ["version"]);
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
  readonly headers?: Readonly<Record<string, string>>;
}

/** A Caddy that runs a beacon's configuration on this machine: only its ports and folder are others. */
export class RealCaddy {
  readonly folder = mkdtempSync(join(tmpdir(), "wopr-caddy-"));
  readonly #ports: { readonly http: number; readonly https: number };
  #process: ReturnType<typeof spawn> | undefined;
  readonly #file = join(this.folder, "run.json");

  readonly #binary: string;

  constructor(ports: { http: number; https: number }, binary = caddyBinary) {
    this.#ports = ports;
    this.#binary = binary;
  }

  get httpPort(): number {
    return this.#ports.http;
  }

  get httpsPort(): number {
    return this.#ports.https;
  }

  /** Ready when it has a certificate for each host. */
  static async start(config: CaddyConfig, binary = caddyBinary): Promise<RealCaddy> {
    const caddy = new RealCaddy({ http: await freePort(), https: await freePort() }, binary);
    // Certificates are made after the first configuration is in use.
    const hosts = new Set(
      JSON.stringify(config.apps.http.servers.https.routes).match(/[a-z.]+\.example\.(org|net)(?=")/g),
    );
    await caddy.run(config, (log) => (log.match(/certificate obtained successfully/g) ?? []).length >= hosts.size);
    // What was obtained is shown a moment later.
    await Promise.all([...hosts].map((host) => caddy.untilShown(host)));
    return caddy;
  }

  /** Resolves when there is a certificate for the host. */
  async untilShown(host: string): Promise<void> {
    const isShown = () =>
      new Promise<boolean>((resolve) => {
        const options = { host: "127.0.0.1", port: this.#ports.https, servername: host, rejectUnauthorized: false };
        const socket = connect(options, () => {
          resolve(true);
          socket.destroy();
        }).on("error", () => resolve(false));
      });
    while (!(await isShown())) await setTimeout(20);
  }

  /** Ready when its log says so. */
  run(config: CaddyConfig, isReady: (log: string) => boolean): Promise<void> {
    writeFileSync(this.#file, this.here(config));
    return this.#run(isReady);
  }

  /** As after a power cut: nothing was cleaned up. */
  async killAndStartAgain(config?: unknown): Promise<void> {
    await this.kill();
    if (config !== undefined) writeFileSync(this.#file, this.here(config));
    await this.#run((log) => log.includes("serving initial configuration"));
  }

  #run(isReady: (log: string) => boolean): Promise<void> {
    const env = { PATH: process.env.PATH, HOME: this.folder, XDG_DATA_HOME: this.folder, XDG_CONFIG_HOME: this.folder };
    const child = spawn(this.#binary, ["run", "--config", this.#file], { env, stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    let log = "";
    return new Promise((resolve, reject) => {
      child.stderr.setEncoding("utf8").on("data", (chunk) => {
        log += chunk;
        if (isReady(log)) resolve();
      });
      child.once("exit", () => reject(new Error(`Caddy ended: ${log}`)));
    });
  }

  /** The configuration as it runs here. */
  here(config: unknown): string {
    return JSON.stringify(config)
      .replaceAll("/run/wopr", this.folder)
      .replace('":80"', `"127.0.0.1:${this.#ports.http}"`)
      .replace('":443"', `"127.0.0.1:${this.#ports.https}"`)
      .replace('"servers"', `${this.#portSettings}"servers"`);
  }

  /** A configuration that runs here, as it would be on a beacon. */
  there(config: unknown): string {
    return JSON.stringify(config)
      .replaceAll(this.folder, "/run/wopr")
      .replace(`"127.0.0.1:${this.#ports.http}"`, '":80"')
      .replace(`"127.0.0.1:${this.#ports.https}"`, '":443"')
      .replace(this.#portSettings, "");
  }

  get #portSettings(): string {
    return `"http_port":${this.#ports.http},"https_port":${this.#ports.https},`;
  }

  /** The agent's own way to it. */
  agentAdmin(): CaddyAdmin {
    const admin = caddyAdmin({ socketPath: join(this.folder, "admin.sock") });
    return {
      ...admin,
      load: (config) => admin.load(JSON.parse(this.here(config))),
      current: async () => JSON.parse(this.there(await admin.current())),
    };
  }

  admin(method: string, path: string, host: string, body?: string): Promise<Answer> {
    const options = {
      socketPath: join(this.folder, "admin.sock"),
      method,
      path,
      headers: { host, "content-type": "application/json" },
      // Caddy closes the connections of the configuration before, and one that was kept may be just about to be.
      agent: false,
    };
    return answered(httpRequest(options), body);
  }

  http({ host, path = "/", method = "GET" }: Asked): Promise<Answer> {
    const options = { host: "127.0.0.1", port: this.#ports.http, method, path, headers: { host }, agent: false };
    return answered(httpRequest(options));
  }

  /** Trusts whatever certificate there is; see `rootCertificate` for those who do not. */
  https({ body, ...asked }: Asked, ca?: string): Promise<Answer> {
    return answered(this.openHttps(asked, ca), body);
  }

  openHttps({ host, path = "/", method = "GET", headers }: Asked, ca?: string) {
    const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
    const options = {
      host: "127.0.0.1",
      port: this.#ports.https,
      servername: host,
      method,
      path,
      headers: { ...headers, host },
      agent: false,
    };
    return httpsRequest({ ...options, ...trust });
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
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
