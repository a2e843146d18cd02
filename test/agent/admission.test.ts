// @module-tag docker
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { AgentConfig } from "#agent/config.ts";
import { type DockerProxy, startDockerProxy } from "#test/simulators/docker-proxy.ts";
import { freePort, newConfig, removeBeacon, startEngine, type TestEngine } from "./beacon.ts";
import { docker as cli, leftIn } from "./docker/engine.ts";

const Objections = z.array(z.object({ code: z.string(), where: z.string(), message: z.string(), hint: z.string() }));

let config: AgentConfig;
let engine: TestEngine;
let proxy: DockerProxy;

beforeEach(async () => {
  config = await newConfig();
  proxy = await startDockerProxy(join(config.dataDirectory, "docker.sock"));
  engine = startEngine({ ...config, dockerSocket: proxy.socketPath });
});
afterEach(async () => {
  await engine.end();
  await proxy.stop();
  await removeBeacon(config);
});

/** All of the store but the journal, which has the command itself. */
const stored = () =>
  ["instance", "secret", "routes", "setting"].map((table) => engine.store.prepare(`select * from ${table}`).all());

test("everything that is in the way is told at once, and nothing was touched", async () => {
  const port = await freePort();
  const other = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  const [volume, network] = [`${config.scope}_demanding_data`, `${config.scope}_demanding_inner`];
  await cli("volume", "create", volume);
  await cli("network", "create", network);
  try {
    const before = stored();
    const view = await engine.run("module.install", { module: "demanding", parameters: { port } });
    expect(view.state).toBe("failed");
    const objections = Objections.parse(view.problem?.details?.objections);
    expect(objections.map(({ code, where }) => `${code} ${where}`)).toEqual([
      "conflict demanding",
      "conflict demanding",
      "dependency_missing demanding",
      "port_taken demanding/web",
      "machine_unsuitable demanding",
      "machine_unsuitable demanding",
      "machine_unsuitable demanding",
      ...Array(6).fill("machine_unsuitable demanding/web"),
      "machine_unsuitable demanding/web",
      "out_of_memory demanding",
      "disk_full demanding",
    ]);
    const said = objections.map(({ message }) => message).join("\n");
    for (const asked of ["vax", "no_such_module", "NO_SUCH_CAPABILITY", "/dev/no-such-device", "no_such_setting"]) {
      expect(said).toContain(asked);
    }
    for (const asked of ["no-such-runtime", "no-such-driver", "100000 processors"]) expect(said).toContain(asked);
    expect(proxy.requests.length).toBeGreaterThan(0);
    expect(proxy.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
    expect(stored()).toEqual(before);
    expect(await leftIn(config.scope)).toEqual({ containers: [], networks: [], volumes: [] });
  } finally {
    other.close();
    await cli("volume", "rm", volume);
    await cli("network", "rm", network);
  }
});

test("what was bought is asked for each plan", async () => {
  let modules = ["hello"];
  const limited = startEngine(
    { ...config, dataDirectory: config.dataDirectory },
    { entitlements: () => ({ modules }) },
  );
  try {
    const plan = () => limited.queue.plan("module.install", { module: "ported", parameters: { port: 1, image: "x" } });
    await expect(plan()).rejects.toMatchObject({ code: "not_entitled" });
    modules = ["ported"];
    expect((await plan()).steps.length).toBeGreaterThan(0);
  } finally {
    await limited.end();
  }
});
