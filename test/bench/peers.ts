import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocketServer } from "ws";
import { prepareSystem } from "#scripts/system.ts";
import { freePort } from "#test/agent/beacon.ts";
import { until } from "#test/agent/docker/engine.ts";

/** A program that an agent is measured against. */
export interface Peer {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** One Node process that holds one WebSocket, and nothing else. */
export async function startBareNode(): Promise<Peer> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const bare = spawn(process.execPath, [join(import.meta.dirname, "bare-client.mjs"), `ws://127.0.0.1:${port}`], {
    env: plainEnvironment(),
  });
  await once(server, "connection");
  return {
    pid: bare.pid ?? 0,
    stop: async () => {
      await ended(bare);
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

/** Debian's prometheus-node-exporter with its default collectors, asked each `everyMs`. Undefined where it cannot be had. */
export async function startNodeExporter(everyMs: number): Promise<Peer | undefined> {
  const program = (await prepareSystem({ needs: ["nodeExporter"], log: () => undefined })).get("nodeExporter");
  if (program === undefined) return undefined;
  const address = `127.0.0.1:${await freePort()}`;
  const exporter = spawn(program, [`--web.listen-address=${address}`], { stdio: "ignore", env: plainEnvironment() });
  const scrape = () => answers(`http://${address}/metrics`);
  await until(scrape);
  const timer = setInterval(() => void scrape(), everyMs);
  return {
    pid: exporter.pid ?? 0,
    stop: async () => {
      clearInterval(timer);
      await ended(exporter);
    },
  };
}

/** Debian's netdata as it comes, but for its port and for where it keeps what it measures. Undefined where it cannot be had. */
export async function startNetdata(): Promise<Peer | undefined> {
  const program = (await prepareSystem({ needs: ["netdata"], log: () => undefined })).get("netdata");
  if (program === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "wopr-netdata-"));
  const port = await freePort();
  const config = join(folder, "netdata.conf");
  const cache = `cache directory = ${folder}\n  lib directory = ${folder}\n  log directory = ${folder}`;
  writeFileSync(config, `[global]\n  run as user = root\n  bind socket to IP = 127.0.0.1\n[directories]\n  ${cache}\n`);
  const argv = ["-D", "-c", config, "-p", String(port), "-P", join(folder, "pid")];
  const netdata = spawn(program, argv, { stdio: "ignore", env: plainEnvironment() });
  await until(() => answers(`http://127.0.0.1:${port}/api/v1/info`));
  return {
    pid: netdata.pid ?? 0,
    stop: async () => {
      await ended(netdata);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** None of what a developer's shell tells programs: an authority more in NODE_EXTRA_CA_CERTS is a megabyte. */
export const plainEnvironment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, HOME: process.env.HOME });

const answers = (url: string): Promise<true | undefined> =>
  new Promise((resolve) => {
    const asked = get(url, { agent: false }, (answer) => {
      answer.resume();
      answer.on("close", () => resolve(answer.statusCode === 200 ? true : undefined));
    });
    asked.on("error", () => resolve(undefined));
  });

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}
