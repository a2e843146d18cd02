// @module-tag docker
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandView, MetricsView } from "#shared/api/beacon.ts";
import { LedgerAudit } from "#shared/ledger/difference.ts";
import { containerSpec, unchecked } from "#test/agent/docker/container-spec.ts";
import { docker as cli } from "#test/agent/docker/engine.ts";
import { pullMisbehaving } from "#test/agent/docker/with-docker.ts";
import { fakeClock } from "#test/faketime.ts";
import { type ChildHub, startChildHub } from "#test/hub/child-hub.ts";
import { until } from "#test/hub/provisioning/until.ts";
import type { TestClient } from "#test/hub/test-client.ts";
import { startTestHub, type TestHub } from "#test/hub/test-hub.ts";
import { type RealAgent, startRealAgent } from "#test/real-agent.ts";

const HOUR_MS = 3_600_000;
const SAMPLE_MS = 10_000;

const folder = mkdtempSync(join(tmpdir(), "wopr-clocks-"));
const clocks = { hub: fakeClock(join(folder, "hub")), agent: fakeClock(join(folder, "agent")) };
let prepared: TestHub;
let operator: TestClient;
let hub: ChildHub;
let agent: RealAgent;
let beacon: string;
/** What the hub's clock is off by. */
let hubIsOff = 0;

beforeAll(async () => {
  const mirror = await pullMisbehaving();
  await mirror.stop();
  prepared = await startTestHub();
  operator = await prepared.operator();
  beacon = await prepared.addBeacon("ada", "ada@example.org");
  const token = await prepared.issueToken(beacon);
  await prepared.halt();
  hub = await startChildHub(prepared.config, clocks.hub.environment);
  const entrypoint = ["sh", "-c", "echo started; exec sleep 1000"];
  const spec = containerSpec({ entrypoint, healthcheck: unchecked, stopGraceMs: 1000 });
  agent = await startRealAgent({ hub: prepared.url, token, spec, environment: clocks.agent.environment });
  await until(newest, (at) => at > 0);
});
afterAll(async () => {
  await agent?.remove();
  await hub?.kill();
  await prepared?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const path = (rest: string) => `/api/beacons/${beacon}/${rest}`;
const hubTime = () => Date.now() + hubIsOff;
const setHub = (offsetMs: number) => {
  hubIsOff = offsetMs;
  clocks.hub.set(offsetMs);
};

/** Samples of the last half an hour, by the hub's clock. */
const samples = async (from = hubTime() - HOUR_MS / 2) => {
  const { body } = await operator.get(path(`metrics?from=${from}&to=${hubTime() + SAMPLE_MS}&series=load_1`));
  return MetricsView.parse(body).points;
};
const newest = async () => (await samples()).at(-1)?.at ?? 0;
/** Returns when one more than the next sample has come: the next one may have been taken before. */
const sampled = async () => {
  const before = hubTime();
  await until(newest, (at) => at > before);
};

const starts = async () => (await cli("logs", agent.container)).split("\n").filter((line) => line === "started").length;
/** Restarts the one app, and has it done once and to its end. */
async function restart(): Promise<void> {
  const before = await starts();
  const given = await operator.post(path("commands"), { name: "module.restart", input: { instance: "app" } });
  const { id } = CommandView.parse(given.body);
  const ended = await until(
    async () => CommandView.parse((await operator.get(path(`commands/${id}`))).body),
    ({ finishedAt }) => finishedAt !== undefined,
  );
  expect(ended).toMatchObject({ state: "done" });
  expect(await starts()).toBe(before + 1);
}

/** What the ledgers do not agree about, but for the time, which is another one here. */
const contradictions = async () =>
  LedgerAudit.parse((await operator.get(path("audit"))).body).differences.filter(({ kind }) => kind !== "other-time");

describe("clocks that jump by hours while hub and agent run", { timeout: 300_000 }, () => {
  it("of the beacon: no sample is moved, lost or doubled, and each command is done once", async () => {
    await sampled();
    const from = await newest();
    for (const offsetMs of [7 * HOUR_MS, -9 * HOUR_MS]) {
      clocks.agent.set(offsetMs);
      await restart();
      await sampled();
    }
    // One that starts with a wrong clock knows by how much it is wrong.
    await agent.kill();
    await agent.start();
    await sampled();
    await restart();
    await sampled();
    const taken = await samples(from);
    const counted = taken.map(({ values }) => values.load_1?.[3]);
    expect(new Set(counted)).toEqual(new Set([1]));
    const steps = taken.slice(1).map(({ at }, nth) => at - (taken[nth]?.at ?? 0));
    // The agent was away for as long as it takes to start.
    expect(steps.filter((step) => step > SAMPLE_MS).length).toBeLessThanOrEqual(1);
    expect(steps.every((step) => step > 0 && step <= 4 * SAMPLE_MS)).toBe(true);
    expect(await contradictions()).toEqual([]);
    clocks.agent.set(0);
  });

  it("of the hub: the beacon follows, nothing is called late, and each command is done once", async () => {
    for (const offsetMs of [5 * HOUR_MS, -3 * HOUR_MS, 0]) {
      setHub(offsetMs);
      await restart();
      await sampled();
      expect((await operator.get(path("overview"))).body).toMatchObject({ online: true });
    }
    expect(await contradictions()).toEqual([]);
  });

  it("of both at once, while the hub is started anew", async () => {
    clocks.agent.set(-6 * HOUR_MS);
    setHub(4 * HOUR_MS);
    await hub.kill();
    hub = await startChildHub(prepared.config, clocks.hub.environment);
    await sampled();
    await restart();
    expect(await contradictions()).toEqual([]);
    const fired = Object((await operator.get(path("alerts"))).body);
    expect(fired.firing).toEqual([]);
  });
});
