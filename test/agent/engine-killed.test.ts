// @module-tag docker
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { AgentConfig } from "#agent/config.ts";
import type { CommandOrder } from "#agent/journal.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { startTestRegistry } from "#test/simulators/registry.ts";
import { ended, freePort, newCommandId, newConfig, removeBeacon, startEngine, type TestEngine } from "./beacon.ts";
import { docker as cli, leftIn, uniqueScope } from "./docker/engine.ts";

let mirror: StandInMirror;
let config: AgentConfig;
let sequence = 0;

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving", "caddy"] });
  config = await newConfig({ registryMirror: mirror.mirror });
  await withEngine((engine) => engine.run("module.install", { module: "caddy" }));
});
afterAll(async () => {
  await removeBeacon(config);
  await mirror.stop();
});
afterEach(() =>
  withEngine((engine) => engine.run("module.remove", { instance: "hello", data: "delete", confirm: "hello" })),
);

async function withEngine<Result>(work: (engine: TestEngine) => Promise<Result>): Promise<Result> {
  const engine = startEngine(config);
  try {
    return await work(engine);
  } finally {
    await engine.end();
  }
}

const order = (name: string, input: Record<string, unknown>): CommandOrder => {
  sequence += 1;
  return { id: newCommandId(), sequence, name, input, actor: "test" };
};

/** Gives the command to an engine that dies right before the step; resolves to the signal it died of. */
async function killBefore(title: string, command: CommandOrder): Promise<NodeJS.Signals | null> {
  const script = join(import.meta.dirname, "engine-process.ts");
  const child = spawn(process.execPath, [script, JSON.stringify(config), JSON.stringify(command), title], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "exit");
  return child.signalCode;
}

/** Starts the engine again, and waits for the end of the command that was broken off. */
const goOn = (engine: TestEngine, { id }: CommandOrder) => {
  expect(engine.queue.open()).toEqual([id]);
  engine.queue.resume();
  return ended(engine, id);
};

describe("killed during an install, right before it would", () => {
  test.each(["Create container", "Start hello/web", "Wait until hello/web", "Serve", "Record"])("%s", async (title) => {
    const install = order("module.install", { module: "hello" });
    expect(await killBefore(title, install)).toBe("SIGKILL");
    await withEngine(async (engine) => {
      expect(await goOn(engine, install)).toMatchObject({ state: "done" });
      expect((await engine.queue.plan("module.install", { module: "hello" })).steps).toEqual([]);
      expect(engine.queue.unacknowledged().filter(({ command }) => command === install.id)).toHaveLength(1);
      const { containers, volumes } = await leftIn(config.scope);
      expect(containers.filter((name) => name.includes("hello"))).toEqual([`${config.scope}_hello_web`]);
      expect(volumes.filter((name) => name.includes("hello"))).toEqual([`${config.scope}_hello_data`]);
      // The same command again is the same command, whatever it would do now.
      expect(engine.queue.accept(install).state).toBe("done");
    });
  });
});

test("killed while it takes a failed install back", async () => {
  const install = order("module.install", { module: "hello", parameters: { how: "never-healthy" } });
  expect(await killBefore("Take back: Remove container", install)).toBe("SIGKILL");
  await withEngine(async (engine) => {
    const view = await goOn(engine, install);
    expect(view).toMatchObject({ state: "failed", problem: { code: "container_unhealthy" } });
  });
  const { containers, volumes } = await leftIn(config.scope);
  expect([...containers, ...volumes].filter((name) => name.includes("hello"))).toEqual([]);
});

describe("killed during a removal with its data, right before it would", () => {
  test.each(["Stop serving", "Stop hello/web", "Remove container", "Delete volume", "Delete the secrets", "Forget"])(
    "%s",
    async (title) => {
      await withEngine((engine) => engine.run("module.install", { module: "hello" }));
      const remove = order("module.remove", { instance: "hello", data: "delete", confirm: "hello" });
      expect(await killBefore(title, remove)).toBe("SIGKILL");
      await withEngine(async (engine) => {
        expect(await goOn(engine, remove)).toMatchObject({ state: "done" });
        expect((await engine.instances()).map(({ name }) => name)).toEqual(["caddy"]);
      });
      const { containers, volumes } = await leftIn(config.scope);
      expect([...containers, ...volumes].filter((name) => name.includes("hello"))).toEqual([]);
    },
  );
});

test("killed during a pull, and the image turns out to be of no use", async () => {
  const registry = await startTestRegistry();
  const name = uniqueScope();
  try {
    registry.add(name, "1", { delivery: "stall", sizeBytes: 2 ** 21 });
    const image = `${registry.address}/${name}:1`;
    const install = order("module.install", { module: "ported", parameters: { port: await freePort(), image } });
    expect(await killBefore("Pull image", install)).toBe("SIGKILL");
    registry.add(name, "1", { delivery: "whole", sizeBytes: 2 ** 21 });
    await withEngine(async (engine) => {
      const view = await goOn(engine, install);
      expect(view).toMatchObject({ state: "failed", problem: { code: "docker_refused" } });
      expect((await engine.instances()).map(({ name }) => name)).toEqual(["caddy"]);
    });
    expect((await leftIn(config.scope)).containers).toEqual([`${config.scope}_caddy_caddy`]);
    await cli("rmi", image);
  } finally {
    await registry.stop();
  }
});
