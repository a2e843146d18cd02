import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Sample } from "#shared/metrics/sample.ts";
import { namedSamples, withNames } from "#test/shared/metrics/named-samples.ts";
import { type FakeHub, startFakeHub } from "./fake-hub.ts";
import { inventory, type LinkedAgentOptions, startLinkedAgent } from "./linked-agent.ts";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function startHub(behaviour = {}) {
  const hub = await startFakeHub(behaviour);
  cleanUps.push(() => hub.stop());
  return hub;
}

function start(hub: FakeHub, options: LinkedAgentOptions = {}) {
  const agent = startLinkedAgent(hub, options);
  cleanUps.push(agent.stop);
  return agent;
}

/** A store that outlives agents. */
function storeFile() {
  const directory = mkdtempSync(join(tmpdir(), "wopr-store-"));
  cleanUps.push(async () => rmSync(directory, { recursive: true }));
  return join(directory, "agent.db");
}

const ID = "cmd_00000000-0001";
const resultsOf = (hub: FakeHub) => hub.frames.filter((frame) => frame.type === "result");
/** What the hub makes of it, frame by frame. */
function reportsOf(hub: FakeHub): Sample[][] {
  let table: readonly string[] = [];
  return hub.frames.flatMap((frame) => {
    if (frame.type === "series") table = withNames(table, frame);
    if (frame.type === "metrics") return [frame.samples];
    return frame.type === "report" ? [namedSamples(table, frame.samples)] : [];
  });
}
const samplesOf = (hub: FakeHub): Sample[] => reportsOf(hub).flat();

describe("results", () => {
  it("come again on each link until the hub confirms, the same each time", async () => {
    const hub = await startHub({ acknowledge: false });
    const agent = start(hub);
    await hub.welcomed(1);
    hub.send({ type: "command", statement: hub.statement({ id: ID }) });
    await hub.frame("result");
    hub.drop();
    await vi.waitFor(() => expect(resultsOf(hub)).toHaveLength(2), 5000);
    hub.behaviour.acknowledge = true;
    hub.drop();
    await vi.waitFor(() => expect(agent.queue.unacknowledged()).toEqual([]), 5000);
    expect(new Set(resultsOf(hub).map(({ result }) => JSON.stringify(result))).size).toBe(1);
    const told = resultsOf(hub).length;
    hub.drop();
    await hub.welcomed(4);
    await vi.waitFor(() => expect(hub.frames.filter(({ type }) => type === "inventory").length).toBeGreaterThan(3));
    expect(resultsOf(hub)).toHaveLength(told);
  });

  it("come again on the same link when the hub could not store them", async () => {
    const hub = await startHub({ acknowledge: false });
    const agent = start(hub, { resendMs: 100 });
    await hub.welcomed(1);
    hub.send({ type: "command", statement: hub.statement({ id: ID }) });
    await vi.waitFor(() => expect(resultsOf(hub).length).toBeGreaterThan(2), 5000);
    hub.behaviour.acknowledge = true;
    await vi.waitFor(() => expect(agent.queue.unacknowledged()).toEqual([]), 5000);
  });

  it("of a command that ran while the hub was away come when it is back", async () => {
    const hub = await startHub();
    const go = Promise.withResolvers<void>();
    const agent = start(hub, { reconcile: () => go.promise });
    await hub.welcomed(1);
    hub.send({ type: "command", statement: hub.statement({ id: ID }) });
    await hub.frame("accepted");
    await hub.stop();
    go.resolve();
    await vi.waitFor(() => expect(agent.queue.get(ID)?.state).toBe("done"));
    expect(resultsOf(hub)).toEqual([]);
    await hub.start();
    expect((await hub.frame("result")).result).toMatchObject({ command: ID, outcome: "done" });
  });

  it("outlive the agent, which runs what had not ended and says so in its hello", async () => {
    const hub = await startHub();
    const file = storeFile();
    const first = startLinkedAgent(hub, {
      file,
      reconcile: ({ stop }) => new Promise((_done, fail) => stop.addEventListener("abort", () => fail(stop.reason))),
    });
    await hub.welcomed(1);
    const statement = hub.statement({ id: ID });
    hub.send({ type: "command", statement });
    await vi.waitFor(() => expect(first.queue.get(ID)?.state).toBe("running"));
    await first.stop();
    const go = Promise.withResolvers<void>();
    start(hub, { file, reconcile: () => go.promise });
    await hub.welcomed(2);
    expect(hub.frames.filter((frame) => frame.type === "hello").at(-1)?.running).toEqual([ID]);
    hub.send({ type: "command", statement });
    go.resolve();
    expect((await hub.frame("result")).result).toMatchObject({ command: ID, outcome: "done" });
  });

  it("of commands given on the beacon are nobody else's business", async () => {
    const hub = await startHub();
    const agent = start(hub);
    await hub.welcomed(1);
    agent.queue.accept({ id: ID, sequence: null, name: "module.install", input: { module: "redis" }, actor: "root" });
    await vi.waitFor(() => expect(agent.queue.get(ID)?.state).toBe("done"));
    const ping = hub.send({ type: "ping" });
    await hub.frame("pong", (frame) => frame.ping === ping);
    expect(hub.frames.filter(({ type }) => type === "result" || type === "progress")).toEqual([]);
  });
});

const START = 1_800_000_000_000;

describe("samples", () => {
  it("of the last hour that the hub missed are sent when it is back, each once, oldest first, then the minutes before", async () => {
    const hub = await startHub();
    await hub.stop();
    let time = START;
    const agent = start(hub, { now: () => time });
    const moments: number[] = [];
    for (; time < START + 3 * 3_600_000; time += 10_000) {
      moments.push(time);
      expect(agent.metrics.add({ at: time, values: { load_1: 1 } })).toBe(true);
      agent.metrics.prune();
    }
    await hub.start();
    const recent = moments.filter((at) => at >= time - 10_000 - 3_600_000);
    await vi.waitFor(() => expect(agent.metrics.missed({ count: 1, characters: 1 })).toBeUndefined(), 20_000);
    expect(samplesOf(hub).map(({ at }) => at)).toEqual(recent);
    const spans = hub.frames.flatMap((frame) => (frame.type === "history" ? frame.spans : []));
    expect(spans.map(({ at }) => at)).toEqual(
      Array.from({ length: 120 }, (_minute, index) => START + (119 - index) * 60_000),
    );
    expect(hub.frames.findLastIndex(({ type }) => type === "report")).toBeLessThan(
      hub.frames.findIndex(({ type }) => type === "history"),
    );
    expect(Math.max(...reportsOf(hub).map((samples) => samples.length))).toBe(100);
    expect(hub.frames.filter(({ type }) => type === "series")).toHaveLength(1);
    await vi.waitFor(() => expect(agent.metrics.unreported({ count: 10, characters: 1000 })).toEqual([]));
    const next = { at: time, values: { load_1: 2 } };
    agent.metrics.add(next);
    agent.sampled();
    await vi.waitFor(() => expect(samplesOf(hub)).toHaveLength(recent.length + 1));
    expect(samplesOf(hub).at(-1)).toEqual(next);
  });

  it("that the hub did not confirm come again on the next link, and no more wait behind them", async () => {
    const hub = await startHub({ acknowledge: false });
    const time = START + 1_000_000;
    const agent = start(hub, { now: () => time });
    await hub.welcomed(1);
    agent.metrics.add({ at: START, values: { load_1: 1 } });
    agent.sampled();
    await hub.frame("report");
    agent.metrics.add({ at: START + 10_000, values: { load_1: 2 } });
    agent.sampled();
    hub.behaviour.acknowledge = true;
    hub.drop();
    await vi.waitFor(() => expect(agent.metrics.unreported({ count: 10, characters: 1000 })).toEqual([]), 5000);
    const batches = reportsOf(hub).map((samples) => samples.map(({ at }) => at));
    expect(batches).toEqual([[START], [START, START + 10_000]]);
  });
});

describe("names of series", () => {
  it("are said once on a link, and again on the next one", async () => {
    const hub = await startHub();
    const agent = start(hub, { now: () => START + 1_000_000 });
    await hub.welcomed(1);
    const sample = async (nth: number, values: Record<string, number>) => {
      agent.metrics.add({ at: START + nth * 10_000, values });
      agent.sampled();
      await vi.waitFor(() => expect(samplesOf(hub)).toHaveLength(nth + 1));
    };
    await sample(0, { load_1: 1 });
    await sample(1, { load_1: 2, load_5: 0.1 + 0.2 });
    await sample(2, { load_5: 4 });
    hub.drop();
    await hub.welcomed(2);
    await sample(3, { load_5: 5 });
    const said = hub.frames.filter((frame) => frame.type === "series").map(({ from, names }) => ({ from, names }));
    expect(said).toEqual([
      { from: 0, names: ["load_1"] },
      { from: 1, names: ["load_5"] },
      { from: 0, names: ["load_5"] },
    ]);
    const values = [{ load_1: 1 }, { load_1: 2, load_5: 0.3 }, { load_5: 4 }, { load_5: 5 }];
    expect(samplesOf(hub).map((one) => one.values)).toEqual(values);
  });

  it("are said in each sample to a hub of the protocol before", async () => {
    const hub = await startHub({ protocol: { protocol: 2, oldestProtocol: 1 } });
    const agent = start(hub, { now: () => START + 1_000_000 });
    await hub.welcomed(1);
    agent.metrics.add({ at: START, values: { load_1: 1 } });
    agent.sampled();
    expect((await hub.frame("metrics")).samples).toEqual([{ at: START, values: { load_1: 1 } }]);
    await vi.waitFor(() => expect(agent.metrics.unreported({ count: 10, characters: 1000 })).toEqual([]));
    expect(hub.frames.filter(({ type }) => type === "series")).toEqual([]);
  });
});

describe("events of alerts", () => {
  const full = { "disk///used_bytes": 97, "disk///total_bytes": 100 };
  const wellAgain = { "disk///used_bytes": 50, "disk///total_bytes": 100 };
  const kindsOf = (hub: FakeHub) =>
    hub.frames.flatMap((frame) => (frame.type === "event" ? [frame.events.map(({ kind }) => kind)] : []));

  it("are sent at once, and no more once the hub has them", async () => {
    const hub = await startHub();
    const agent = start(hub);
    await hub.welcomed(1);
    agent.alerts.judge({ at: START, values: full });
    expect((await hub.frame("event")).events).toMatchObject([
      { rule: "disk-full", kind: "fired", at: START, told: [] },
    ]);
    await vi.waitFor(() => expect(agent.outbox.unacknowledged(10)).toEqual([]));
    hub.drop();
    await hub.welcomed(2);
    agent.alerts.judge({ at: START + 10_000, values: wellAgain });
    await vi.waitFor(() => expect(kindsOf(hub)).toEqual([["fired"], ["resolved"]]), 5000);
  });

  it("that the hub missed wait in order for its return, past a restart of the agent", async () => {
    const hub = await startHub();
    await hub.stop();
    const file = storeFile();
    const first = startLinkedAgent(hub, { file });
    first.alerts.judge({ at: START, values: full });
    first.alerts.judge({ at: START + 10_000, values: wellAgain });
    await first.stop();
    await hub.start();
    start(hub, { file });
    await vi.waitFor(() => expect(kindsOf(hub)).toEqual([["fired", "resolved"]]), 5000);
  });

  it("come again, the same, until they are confirmed: on the same link and on the next", async () => {
    const hub = await startHub({ acknowledge: false });
    const agent = start(hub, { resendMs: 100 });
    await hub.welcomed(1);
    agent.alerts.judge({ at: START, values: full });
    await vi.waitFor(() => expect(kindsOf(hub).length).toBeGreaterThan(1), 5000);
    hub.behaviour.acknowledge = true;
    hub.drop();
    await vi.waitFor(() => expect(agent.outbox.unacknowledged(10)).toEqual([]), 5000);
    const ids = hub.frames.flatMap((frame) => (frame.type === "event" ? frame.events.map(({ id }) => id) : []));
    expect(new Set(ids).size).toBe(1);
  });
});

describe("the inventory", () => {
  const inventoriesOf = (hub: FakeHub) => hub.frames.filter((frame) => frame.type === "inventory");

  it("is sent on connecting, after each command's change, and when something else changed", async () => {
    const hub = await startHub();
    const agent = start(hub);
    await hub.frame("inventory");
    expect(inventoriesOf(hub)).toHaveLength(1);
    await agent.changeInventory({});
    await agent.changeInventory({ host: { ...inventory.host, cores: 4 } });
    await vi.waitFor(() => expect(inventoriesOf(hub)).toHaveLength(2));
    expect(inventoriesOf(hub)[1]?.inventory.host.cores).toBe(4);
    hub.drop();
    await vi.waitFor(() => expect(inventoriesOf(hub)).toHaveLength(3), 5000);
  });
});
