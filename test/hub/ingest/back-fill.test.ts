import { afterEach, describe, expect, it } from "vitest";
import type { Link } from "#agent/link.ts";
import { createGapLog, type GapLog } from "#agent/metrics/gap-log.ts";
import { createMetricsStore, type MetricsStore } from "#agent/metrics/store.ts";
import { createReporter, type Reporter } from "#agent/reporter.ts";
import { openStore } from "#agent/store/database.ts";
import { createHistory, type History } from "#hub/ingest/history.ts";
import { createRoom, measuredOf } from "#hub/ingest/ingest.ts";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { createGapStore, type GapStore } from "#hub/store/gaps.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createRollupStore, type RollupStore } from "#hub/store/rollups.ts";
import { type Layout, layoutWith } from "#hub/store/series-layouts.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { Rollup, Sample } from "#shared/metrics/sample.ts";
import { AgentFrame, MAX_FRAME_BYTES, parseFrame } from "#shared/protocol/frames.ts";
import { recordLog } from "../../agent/silent-log.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = 1_800_000_000_000 - (1_800_000_000_000 % (24 * HOUR));
const SAMPLE = 10_000;
const ADA = "bcn_12345678";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** The hub's side of a link: stores what comes, in order. */
interface HubSide {
  readonly db: Database;
  readonly rollups: RollupStore;
  readonly gaps: GapStore;
  readonly history: History;
}

async function openHub(now: () => number): Promise<HubSide> {
  const db = openDatabase(":memory:");
  cleanUps.push(() => db.destroy());
  await migrate(db);
  const beacon = { name: "ada", domain: "ada.localhost", email: "a@example.org", provider: "local", createdAt: 0 };
  await createBeaconStore(db, now).insert({ id: ADA, ...beacon });
  const gaps = createGapStore(db);
  const rollups = createRollupStore(db, 0);
  return { db, gaps, rollups, history: createHistory({ rollups, gaps, now }) };
}

/** The world of one beacon and its hub, in which time passes when the test says so. */
class World {
  time = START;
  readonly now = () => this.time;
  readonly #agentDb = openStore(":memory:");
  readonly gaps: GapLog = createGapLog(this.#agentDb, this.now);
  metrics: MetricsStore;
  #reporter: Reporter;
  #link: AbortController | undefined;
  #layout: Layout | undefined;
  #wire: { frame: AgentFrame; over: AbortSignal }[] = [];
  #frames = 0;
  /** The longest frame of history that was sent, in characters. */
  longest = 0;
  readonly sent: string[] = [];

  readonly hub: HubSide;

  constructor(hub: HubSide) {
    this.hub = hub;
    this.metrics = this.#openStore();
    this.#reporter = this.#openReporter();
    cleanUps.push(() => this.#reporter.stop());
  }

  #openStore = () => createMetricsStore({ db: this.#agentDb, sampleMs: SAMPLE, gaps: this.gaps, now: this.now });
  #openReporter = () =>
    createReporter({
      queue: {
        get: () => undefined,
        result: () => undefined,
        onChange: () => () => undefined,
        unacknowledged: () => [],
        acknowledge: () => 0,
      },
      metrics: this.metrics,
      gaps: this.gaps,
      alerts: { listen: () => () => undefined },
      outbox: { unacknowledged: () => [], acknowledge: () => undefined },
      isUnderWay: () => false,
      live: { listen: () => () => undefined, stop: () => undefined },
      inventory: {
        latest: () => undefined,
        fresh: () => new Promise(() => undefined),
        listen: () => () => undefined,
        stop: () => undefined,
      },
      resendMs: 30_000,
      monotonic: this.now,
      log: recordLog().log,
    });

  /** The agent is killed and starts again on what is on its disk. */
  killAgent() {
    this.cut();
    this.#reporter.stop();
    this.metrics = this.#openStore();
    this.#reporter = this.#openReporter();
  }

  connect() {
    this.cut();
    const over = new AbortController();
    this.#link = over;
    this.#layout = undefined;
    const link: Link = {
      signal: over.signal,
      send: (unsent) => {
        const id = `frm_${String(++this.#frames).padStart(8, "0")}`;
        const text = JSON.stringify({ ...unsent, id });
        if (unsent.type === "history") this.longest = Math.max(this.longest, text.length);
        this.sent.push(unsent.type);
        if (!over.signal.aborted) this.#wire.push({ frame: parseFrame(AgentFrame, text), over: over.signal });
        return id;
      },
      congested: () => false,
      drained: async () => undefined,
      protocol: () => 3,
      redial: () => undefined,
      hubTime: this.now,
    };
    this.#reporter.attach(link);
  }

  cut() {
    this.#link?.abort();
    this.#link = undefined;
    this.#wire = [];
  }

  sample(sample: Sample) {
    this.metrics.add(sample);
    this.metrics.prune();
    this.#reporter.sampled();
  }

  /** Delivers what is on its way until nothing is, or until `dies` says where the link breaks: before it is stored, or before that is told. */
  async deliver(dies: () => "before" | "after" | undefined = () => undefined) {
    for (let next = this.#wire.shift(); next !== undefined; next = this.#wire.shift()) {
      const end = dies();
      if (end === "before") return this.cut();
      await this.#store(next.frame);
      if (end === "after") return this.cut();
      if (next.frame.type !== "series" && !next.over.aborted) this.#reporter.acknowledged([next.frame.id]);
    }
  }

  async #store(frame: AgentFrame) {
    const { rollups, history } = this.hub;
    if (frame.type === "series") this.#layout = await layoutWith(rollups.layouts, this.#layout, frame);
    if (frame.type === "report") await rollups.addMeasured(ADA, measuredOf(this.#layout, frame.samples, createRoom()));
    if (frame.type === "history") await history.spans(ADA, this.#layout, frame);
    if (frame.type === "gaps") await history.gaps(ADA, frame.gaps);
  }
}

const sampleAt = (at: number): Sample => {
  const n = (at - START) / SAMPLE;
  return {
    at,
    values: {
      cpu_percent: (n * 37) % 101,
      memory_used_bytes: 2e9 + ((n * 7919) % 1000) * 1e6,
      ...(n % 500 < 250 ? { "container/forgejo/server/memory_bytes": 1e8 + n } : {}),
    },
  };
};

/** As far as a chart shows: the mean of means is that of the samples but for the last of 24 bits. */
const shown = (points: readonly Rollup[]) =>
  points.map(({ at, values }) => [
    (at - START) / MINUTE,
    Object.fromEntries(
      Object.entries(values)
        .toSorted()
        .map(([name, [min, mean, max, count]]) => [name, [min, Number(mean.toPrecision(5)), max, count]]),
    ),
  ]);

const chart = async ({ rollups }: HubSide, stepMs: number, from: number, to: number) =>
  shown(await rollups.list({ beacon: ADA, stepMs, from: from - (from % stepMs) + stepMs, to }));

/** A generator that gives the same numbers for the same seed: https://prng.di.unimi.it/splitmix64.c in 32 bits. */
function createRandom(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below;
  };
}

async function open() {
  let time: () => number = () => START;
  const hub = await openHub(() => time());
  const world = new World(hub);
  time = world.now;
  return { hub, world };
}

describe("the hub's chart after cuts of the link", () => {
  it.each([1, 2, 3, 4])(
    "is that of a link without one: seed %i",
    async (seed) => {
      const random = createRandom(seed);
      const { world, hub } = await open();
      const steady = await openHub(world.now);
      const hours = [12, 16, 20, 30][seed - 1] ?? 12;
      let away = SAMPLE;
      let cuts = 0;
      let batch: Sample[] = [];
      for (world.time = START; world.time < START + hours * HOUR; world.time += SAMPLE) {
        const sample = sampleAt(world.time);
        world.sample(sample);
        batch.push(sample);
        if (batch.length === 30 || world.time % HOUR === 0) {
          await steady.rollups.add(ADA, batch);
          batch = [];
        }
        if (world.time % (10 * MINUTE) === 0) for (const side of [hub, steady]) await side.rollups.prune(world.now());
        away -= SAMPLE;
        // From minutes to half the time, most of them short.
        const cutFor = () => [1, 3, 20, 90, (hours * 60) / 2][random(5)] ?? 1;
        if (away > 0) {
          if (random(400) === 0) world.killAgent();
          continue;
        }
        if (away > -SAMPLE) world.connect();
        const dies = () => (random(150) > 0 ? undefined : random(2) === 0 ? ("before" as const) : ("after" as const));
        let broke = false;
        await world.deliver(() => {
          const end = dies();
          broke ||= end !== undefined;
          return end;
        });
        if (!broke) continue;
        away = (1 + random(cutFor())) * MINUTE;
        cuts += 1;
      }
      await steady.rollups.add(ADA, batch);
      world.connect();
      await world.deliver();
      for (const side of [hub, steady]) await side.rollups.prune(world.now());
      for (const { stepMs, keptMs } of resolutions) {
        const from = Math.max(START - stepMs, world.time - keptMs);
        expect(await chart(hub, stepMs, from, world.time), `seed ${seed}, ${stepMs} ms`).toEqual(
          await chart(steady, stepMs, from, world.time),
        );
      }
      expect(cuts).toBeGreaterThan(2);
      expect(hub.history.counters.spans).toBeGreaterThan(100);
      expect(world.metrics.missed({ count: 1, characters: 1 })).toBeUndefined();
      expect(world.longest).toBeLessThan(MAX_FRAME_BYTES / 2);
    },
    120_000,
  );

  it("has no hole after three days without a hub", async () => {
    const { world, hub } = await open();
    for (; world.time < START + 72 * HOUR; world.time += MINUTE) world.sample(sampleAt(world.time));
    world.connect();
    await world.deliver();
    await hub.rollups.prune(world.now());
    const at = (stepMs: number, points: readonly Rollup[]) => points.map((point) => point.at / stepMs);
    for (const { stepMs, keptMs } of resolutions.slice(1)) {
      const from = Math.max(START, world.time - keptMs);
      const points = await hub.rollups.list({ beacon: ADA, stepMs, from, to: world.time });
      const wanted = Array.from({ length: (world.time - from) / stepMs }, (_span, index) => from / stepMs + index);
      expect(at(stepMs, points)).toEqual(wanted);
    }
    expect(hub.history.counters).toMatchObject({ refused: 0, repeated: 0 });
  }, 60_000);
});

describe("filling in", () => {
  it("waits for what is new, goes from new to old, and lets a sample pass at any time", async () => {
    const { world } = await open();
    for (; world.time < START + 5 * HOUR; world.time += SAMPLE) world.sample(sampleAt(world.time));
    world.connect();
    expect(world.sent).toEqual(["series", "report"]);
    let delivered = 0;
    await world.deliver(() => {
      delivered += 1;
      // A new one in the middle of it: the very next frame has it.
      if (delivered === 7) {
        world.time += SAMPLE;
        world.sample(sampleAt(world.time));
      }
      return undefined;
    });
    const kinds = world.sent.filter((type) => type !== "series");
    expect(kinds.slice(0, 4)).toEqual(["report", "report", "report", "report"]);
    const late = kinds.lastIndexOf("report");
    expect(late).toBeGreaterThan(4);
    expect(kinds.slice(late + 1)).toContain("history");
  });

  it("tells why nothing was measured, once, however often it is told", async () => {
    const { world, hub } = await open();
    const gap = { from: START, to: START + HOUR, reason: "beacon-off" as const };
    world.gaps.add([gap]);
    world.time += 2 * HOUR;
    for (const end of ["before", "after", undefined] as const) {
      world.connect();
      await world.deliver(() => end);
    }
    expect(await hub.gaps.list(ADA, START, world.time)).toEqual([gap]);
    world.connect();
    expect(world.sent.filter((type) => type === "gaps")).toHaveLength(3);
    await hub.gaps.prune(world.time + 40 * 24 * HOUR);
    expect(await hub.gaps.list(ADA, 0, world.time)).toEqual([]);
  });
});
