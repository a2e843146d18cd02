import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { until } from "./provisioning/until.ts";

const Matrix = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
    ),
  }),
});

export interface PrometheusSettings {
  /** `scrape_configs` and the like, in YAML. */
  readonly config?: string;
}

/** Debian's Prometheus, which takes remote write, with its store in a folder of its own. */
export interface Prometheus {
  readonly writeUrl: string;
  start(): Promise<void>;
  /** As when its machine loses power. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Every sample that it has of what fits, of the last hours. */
  samples(
    selector: string,
    hours: number,
    toMs: number,
  ): Promise<{ metric: Record<string, string>; values: [number, number][] }[]>;
}

export async function createPrometheus({ config = "" }: PrometheusSettings = {}): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), "wopr-prometheus-"));
  writeFileSync(join(folder, "prometheus.yml"), `global: {}\n${config}`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    child = undefined;
  };
  return {
    writeUrl: `${url}/api/v1/write`,
    start: async () => {
      child = spawn("prometheus", [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--web.enable-remote-write-receiver",
        "--log.level=error",
      ]);
      await until(
        () =>
          fetch(`${url}/-/ready`).then(
            ({ ok }) => ok,
            () => false,
          ),
        (ready) => ready,
      );
    },
    kill: () => end("SIGKILL"),
    stop: async () => {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
    samples: async (selector, hours, toMs) => {
      const query = new URLSearchParams({ query: `${selector}[${hours}h]`, time: String(toMs / 1000) });
      const answer = await fetch(`${url}/api/v1/query?${query}`);
      const { data } = Matrix.parse(await answer.json());
      return data.result.map(({ metric, values }) => ({
        metric,
        values: values.map(([seconds, value]): [number, number] => [Math.round(seconds * 1000), Number(value)]),
      }));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
