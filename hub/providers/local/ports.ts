import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { Problem } from "#shared/problem.ts";
import { type LocalInstance, readInstance } from "./instance.ts";

/**
 * Three ports of the range that no VPS under `root` has been given and that nobody listens on now.
 * @throws {Problem} `provider_refused` when the range is used up.
 */
export async function choosePorts(
  root: string,
  range: { readonly from: number; readonly to: number },
): Promise<LocalInstance["ports"]> {
  const given = await portsGiven(root);
  const chosen: number[] = [];
  for (let port = range.from; port <= range.to; port++) {
    if (given.has(port) || !(await isFree(port))) continue;
    chosen.push(port);
    const [http, https, api] = chosen;
    if (http !== undefined && https !== undefined && api !== undefined) return { http, https, api };
  }
  throw new Problem("provider_refused", `no three ports are free between ${range.from} and ${range.to}`, {
    hint: "Remove a beacon, or widen the port range of the provider local.",
  });
}

async function portsGiven(root: string): Promise<Set<number>> {
  if (!existsSync(root)) return new Set();
  const instances = await Promise.all((await readdir(root)).map((entry) => readInstance(join(root, entry))));
  return new Set(instances.flatMap((instance) => (instance === undefined ? [] : Object.values(instance.ports))));
}

/** Whether a listener on all addresses would succeed. */
const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "0.0.0.0", exclusive: true }, () => server.close(() => resolve(true)));
  });
