// @module-tag docker
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { AgentConfig } from "#agent/config.ts";
import type { StandInMirror } from "#scripts/stand-ins.ts";
import { ended, freePort, newCommandId, newConfig, removeBeacon, startEngine, type TestEngine } from "./beacon.ts";
import { MISBEHAVING } from "./docker/container-spec.ts";
import { leftIn } from "./docker/engine.ts";
import { pullMisbehaving } from "./docker/with-docker.ts";

let mirror: StandInMirror;
let config: AgentConfig;
let engine: TestEngine;

beforeAll(async () => {
  mirror = await pullMisbehaving();
});
afterAll(() => mirror.stop());

beforeEach(async () => {
  config = await newConfig();
  engine = startEngine(config, { progressMs: 0 });
});
afterEach(async () => {
  await engine.end();
  await removeBeacon(config);
});

/** Cancels as soon as the step of that number begins, counted from 1; how it ended, and how many steps there were. */
async function cancelledAt(number: number, input: Record<string, unknown>) {
  const id = newCommandId();
  let steps = 0;
  const stop = engine.queue.onChange(({ id: told, state, progress }) => {
    if (told !== id || state !== "running" || progress === undefined) return;
    if (!progress.title.startsWith("Take back: ")) steps = progress.steps;
    if (progress.step === number) engine.queue.cancel(id, "ada@example.org");
  });
  engine.queue.accept({ id, sequence: null, name: "module.install", input, actor: "test" });
  const view = await ended(engine, id);
  stop();
  return { view, steps };
}

test("an install that is cancelled at any of its steps leaves nothing behind", async () => {
  const parameters = { port: await freePort(), image: MISBEHAVING };
  let last = 1;
  for (let number = 1; number <= last; number++) {
    const { view, steps } = await cancelledAt(number, { module: "ported", parameters });
    last = steps;
    if (number < last) expect(view, `at step ${number}`).toMatchObject({ state: "cancelled" });
    if (view.state === "done") break;
    expect(await leftIn(config.scope), `at step ${number}`).toEqual({ containers: [], networks: [], volumes: [] });
    expect(await engine.instances()).toEqual([]);
  }
  expect(last).toBeGreaterThanOrEqual(5);
});

test("a change that is cancelled at any of its steps leaves what ran before", async () => {
  const before = { port: await freePort(), image: MISBEHAVING };
  expect((await engine.run("module.install", { module: "ported", parameters: before })).state).toBe("done");
  const after = { port: await freePort(), image: MISBEHAVING };
  let last = 1;
  for (let number = 1; number <= last; number++) {
    const { view, steps } = await cancelledAt(number, { module: "ported", parameters: after });
    last = steps;
    if (view.state === "done") break;
    expect(view, `at step ${number}`).toMatchObject({ state: "cancelled" });
    const again = await engine.queue.plan("module.install", { module: "ported", parameters: before });
    expect(again.steps, `at step ${number}`).toEqual([]);
    expect((await fetch(`http://127.0.0.1:${before.port}/`)).status).toBe(200);
  }
  expect(last).toBeGreaterThanOrEqual(4);
});
