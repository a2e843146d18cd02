import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "./run.ts";

export const dockerSocket = "/var/run/docker.sock";

/** Whether a Docker Engine answers a ping on this Unix socket within two seconds. */
export const engineAnswers = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    // Without an agent: a connection kept from an earlier ping would answer for an engine that has gone.
    const ping = request({ socketPath, path: "/_ping", timeout: 2000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on("timeout", () => ping.destroy());
    ping.on("error", () => resolve(false));
    ping.end();
  });

export interface EngineStart {
  /** Full path of dockerd. */
  readonly dockerd: string;
  readonly socketPath: string;
  readonly logFile: string;
  readonly timeoutMs: number;
  /** More arguments for dockerd. */
  readonly args?: readonly string[];
}

/**
 * Starts a Docker Engine that outlives this process and waits until it answers. Where systemd runs, systemd starts it.
 * @throws {Error} with the end of its log when it does not answer in time or ends.
 */
export async function startEngine({ dockerd, socketPath, logFile, timeoutMs, args = [] }: EngineStart): Promise<void> {
  if (existsSync("/run/systemd/system") && socketPath === dockerSocket) {
    await run("systemctl", ["start", "docker.service"]);
    if (await answersWithin(socketPath, timeoutMs, () => true)) return;
    throw new Error("docker.service does not answer on its socket; `journalctl -u docker` says why");
  }
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a");
  const engine = spawn(dockerd, ["--host", `unix://${socketPath}`, ...args], {
    detached: true,
    stdio: ["ignore", log, log],
    // dockerd looks for containerd, iptables and modprobe by name, and a user's PATH may lack the sbin folders.
    env: { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin` },
  });
  let running = true;
  engine.on("error", () => {
    running = false;
  });
  engine.on("exit", () => {
    running = false;
  });
  engine.unref();
  if (await answersWithin(socketPath, timeoutMs, () => running)) return;
  const tail = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-12).join("\n");
  const what = running ? `does not answer after ${timeoutMs / 1000} s` : "ended";
  throw new Error(`${dockerd} was started and ${what}. The end of ${logFile}:\n${tail}`);
}

async function answersWithin(socketPath: string, timeoutMs: number, running: () => boolean): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline && running()) {
    if (await engineAnswers(socketPath)) return true;
    await sleep(100);
  }
  return false;
}
