import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { z } from "zod";
import { recipeLabel } from "./images.ts";

/** A running registry of this process, on the loopback interface. */
export interface Registry {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** The recipe hash in the labels of an image that the registry has; undefined when it has none. */
  recipeOf(repository: string, tag: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** Full path of docker-registry. */
  readonly program: string;
  /** Where images, the config and the log are kept from run to run. */
  readonly directory: string;
}

/**
 * Starts a registry for as long as this process lives. Several may serve one folder at the same time, as long as one at
 * most writes: the caller sees to that. It takes the port of the last run when that is free, so that images keep their
 * names.
 * @throws {Error} with the end of the log when it does not answer.
 */
export async function startRegistry({ program, directory }: RegistryOptions): Promise<Registry> {
  mkdirSync(directory, { recursive: true });
  const configFile = join(directory, "config.yml");
  const logFile = join(directory, "registry.log");
  const port = await choosePort(join(directory, "port"));
  const address = `127.0.0.1:${port}`;
  writeFileSync(configFile, configText(directory));

  const log = openSync(logFile, "a");
  // setpriv makes the kernel end the registry when this process ends, in whatever way it does.
  const child = spawn("setpriv", ["--pdeathsig", "TERM", program, "serve", configFile], {
    stdio: ["ignore", log, log],
    env: { ...process.env, REGISTRY_HTTP_ADDR: address },
  });
  child.on("error", () => undefined);
  if (!(await answers(`http://${address}/v2/`, child))) {
    child.kill();
    const tail = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-8).join("\n");
    throw new Error(`${program} does not answer on ${address}. The end of ${logFile}:\n${tail}`);
  }
  return {
    address,
    recipeOf: (repository, tag) => recipeOf(`http://${address}/v2/${repository}`, tag),
    stop: () => end(child),
  };
}

const configText = (directory: string) =>
  stringify({
    version: 0.1,
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, "storage") } },
  });

/** The port of the last run, or a free one. */
async function choosePort(portFile: string): Promise<number> {
  const last = existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : 0;
  const port = (await freePort(last)) ?? (await freePort(0));
  if (port === undefined) throw new Error("no port is free on 127.0.0.1");
  if (last === 0) writeFileSync(portFile, String(port));
  return port;
}

const freePort = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });

const running = (child: ChildProcess) =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline && running(child)) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return running(child);
    await sleep(30);
  }
  return false;
}

const end = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (!running(child)) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });

const ImageManifest = z.object({ config: z.object({ digest: z.string() }) });
const ImageConfig = z.object({ config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }) });

async function recipeOf(repositoryUrl: string, tag: string): Promise<string | undefined> {
  const manifest = await fetch(`${repositoryUrl}/manifests/${tag}`, {
    headers: { accept: "application/vnd.docker.distribution.manifest.v2+json" },
  });
  if (!manifest.ok) return undefined;
  const { config } = ImageManifest.parse(await manifest.json());
  const blob = await fetch(`${repositoryUrl}/blobs/${config.digest}`);
  return blob.ok ? ImageConfig.parse(await blob.json()).config.Labels?.[recipeLabel] : undefined;
}
