import { setImmediate as nextTurn } from "node:timers/promises";
import { CompiledQuery, type Transaction } from "kysely";
import { bounded, namedSpan, rounded } from "#shared/metrics/packed-span.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { Rollup, Sample } from "#shared/metrics/sample.ts";
import type { Database } from "./database.ts";
import { createGroupCommit } from "./group-commit.ts";
import type { OnSpans, SpanKey } from "./remote-write-due.ts";
import { createRollUp, type SpansWanted } from "./roll-up.ts";
import { encodeJournal, type Measured } from "./sample-codec.ts";
import { createSampleHeads, type Head, MOST_IDLE } from "./sample-heads.ts";
import type { Tables } from "./schema.ts";
import { createSeriesLayouts, type SeriesLayouts } from "./series-layouts.ts";
import { createSpanImport, type SpanImport } from "./span-import.ts";
import { createSpansByKey, type SpansByKey } from "./spans-by-key.ts";
import { createSpanWriter, type SpanWrites } from "./write-spans.ts";

const [finest] = resolutions;

/** How long the finest rows stay past their time, so that a sample delivered again is still recognised. */
const LATE_MS = 600_000;
/** Samples that are committed together at most: so many keep the hub from everything else for some ten milliseconds. */
const MOST_AT_ONCE = 500;
/** Nobody waits for a sample to be acknowledged, and each commit costs something by itself. */
const COMMIT_REST_MS = 100;
/** Samples of a beacon that make a minute, where it is sampled as usual. */
const PER_MINUTE = 6;
/** In so many commits what all beacons have reported is put into rows, when they come to the end of a minute at the same time. */
const COMMITS_TO_CATCH_UP = 300;
/** Beacons that are written, or cleared of old rows, together: some milliseconds, in which nothing else goes on. */
const HEADS_AT_ONCE = 20;

/**
 * Measurements of the beacons at every resolution. A sample is stored when it is in the journal; soon after it is put into rows, in
 * memory until then. The finest rows are the truth; the others are made out of them, and again when a sample comes late, so that
 * nothing is counted twice whoever dies when.
 */
export interface RollupStore {
  readonly layouts: SeriesLayouts;
  /** Takes samples in, all or none; one that was taken in before counts once. @returns how many were new. */
  add(beacon: string, samples: readonly Sample[]): Promise<number>;
  /** The same, of samples that have a layout already. */
  addMeasured(beacon: string, samples: readonly Measured[]): Promise<number>;
  readonly addWhole: SpanImport;
  readonly byKey: SpansByKey;
  /** One point for each span, also those that are not over. */
  list(wanted: SpansWanted): Promise<Rollup[]>;
  /** The newest sample's values. */
  newest(beacon: string): Promise<Sample | undefined>;
  /** Makes the coarser rows of spans that are over, of a large fleet some of them. To be called a few times a minute. */
  rollUp(nowMs: number): Promise<void>;
  /** Puts all samples into rows. */
  flush(): Promise<void>;
  /** Forgets what is older than its resolution is kept. */
  prune(nowMs: number): Promise<void>;
}

interface Batch {
  readonly beacon: string;
  readonly samples: readonly Measured[];
}

/** @param restMs Time between commits, in which samples of all beacons gather. @param onSpans Told of what is new, in its transaction. */
export function createRollupStore(db: Database, restMs = COMMIT_REST_MS, onSpans?: OnSpans): RollupStore {
  const layouts = createSeriesLayouts(db);
  const heads = createSampleHeads(db, layouts);
  const { measured } = heads;
  const writer = createSpanWriter({ db, layouts, measured });
  let loaded: Promise<number> | undefined;
  let nextEntry = 0;
  let turn: Promise<void> = Promise.resolve();

  /** Settles when the last commit is on the disk, or has failed. */
  let written: Promise<void> = Promise.resolve();
  /** Grows each time that memory is made anew out of what is stored, since it may not be what it was taken for. */
  let generation = 0;
  const doubt = () => {
    generation += 1;
    loaded = undefined;
    heads.clear();
  };

  /** One after the other: what is planned holds until it is committed. The next one may begin when `next` is called, at the latest at the end. */
  const exclusively = <Result>(work: (next: () => void) => Promise<Result>): Promise<Result> => {
    const over = Promise.withResolvers<void>();
    const mine = turn.then(async () => {
      loaded ??= heads.load();
      nextEntry = Math.max(nextEntry, await loaded);
      return await work(() => over.resolve());
    });
    turn = over.promise;
    const end = () => over.resolve();
    mine.then(end, end);
    return mine;
  };
  const rollUps = createRollUp({ db, layouts, heads, exclusively });

  /** Those of a batch that are nowhere yet. */
  async function freshOf(head: Head, samples: readonly Measured[], sooner: readonly Measured[]): Promise<Measured[]> {
    const fresh: Measured[] = [];
    for (const sample of samples) {
      const isSame = ({ at }: Measured) => at === sample.at;
      if (fresh.some(isSame) || sooner.some(isSame)) continue;
      if (head.newest === undefined || sample.at > head.newest.at) fresh.push(sample);
      else if (head.waiting.some((one) => isSame(one.sample))) continue;
      else if (!(await writer.momentsOf(head.beacon, sample.at)).has(sample.at)) fresh.push(sample);
    }
    return fresh;
  }

  interface Writing {
    readonly incoming: ReadonlyMap<Head, readonly Measured[]>;
    readonly writes: readonly SpanWrites[];
    readonly next: () => void;
  }

  /** Writes an entry of the journal and some rows together; resolves when they are on the disk. */
  async function write({ incoming, writes, next }: Writing): Promise<void> {
    const entries = [...incoming].map(([{ beacon }, samples]) => ({ beacon, samples })).filter(hasSamples);
    if (entries.length === 0 && writes.length === 0) return;
    const [entry, began] = [nextEntry, generation];
    const journal = encodeJournal(entries);
    const transaction = db.transaction().execute(async (trx) => {
      if (entries.length > 0) await putEntry(trx, entry, journal.bytes);
      await writer.put(trx, writes);
      await onSpans?.(trx, entries.flatMap(keysOf));
      // From here on nothing but the disk can fail: the next one is planned while it turns.
      nextEntry += 1;
      for (const { head, written } of writes) heads.remove(head, written);
      for (const { beacon, samples } of journal.entries) heads.add(beacon, samples, entry);
      next();
    });
    written = transaction.catch(() => undefined);
    try {
      await transaction;
    } catch (error) {
      doubt();
      throw error;
    }
    if (began !== generation) doubt();
  }

  async function commit(batches: readonly Batch[], next: () => void): Promise<number[]> {
    const incoming = new Map<Head, Measured[]>();
    const counts: number[] = [];
    for (const { beacon, samples } of batches) {
      const head = await heads.of(beacon);
      const sooner = incoming.get(head) ?? [];
      const fresh = await freshOf(head, samples, sooner);
      incoming.set(head, [...sooner, ...fresh]);
      counts.push(fresh.length);
    }
    const count = counts.reduce((sum, one) => sum + one, 0);
    const most = Math.ceil(count / PER_MINUTE) + Math.ceil(heads.overCount() / COMMITS_TO_CATCH_UP);
    const writes: SpanWrites[] = [];
    for (const head of heads.over()) {
      if (writes.length >= most) break;
      writes.push(await writer.plan(head, "over"));
    }
    await write({ incoming, writes, next });
    return counts;
  }
  const addMeasured = createGroupCommit({
    commit: (batches: readonly Batch[]) => exclusively((next) => commit(batches, next)),
    most: MOST_AT_ONCE,
    weigh: ({ samples }) => samples.length,
    restMs,
    overlap: true,
  });

  /** All that these have. */
  const putAll = (some: Iterable<Head>) =>
    exclusively(async (next) => {
      const writes: SpanWrites[] = [];
      for (const head of some) if (head.waiting.length > 0) writes.push(await writer.plan(head, "all"));
      await write({ incoming: new Map(), writes, next });
    });
  const putAllOf = async (wanted: (head: Head) => boolean) => {
    const found = [...(await exclusively(async () => heads.all()))].filter(wanted);
    for (let from = 0; from < found.length; from += HEADS_AT_ONCE) {
      await putAll(found.slice(from, from + HEADS_AT_ONCE));
      await nextTurn();
    }
  };

  /** Entries of which everything is in rows. */
  const forgetEntries = () =>
    exclusively(async () => {
      const began = generation;
      await written;
      if (began !== generation) return;
      let oldest = nextEntry;
      for (const { waiting } of heads.all()) for (const { entry } of waiting) oldest = Math.min(oldest, entry);
      await db.deleteFrom("sample_journal").where("number", "<", oldest).execute();
    });

  async function rollUp(nowMs: number, which: "some" | "all"): Promise<void> {
    await putAllOf((head) => head.waiting.length > 0 && ++head.idle >= MOST_IDLE);
    await forgetEntries();
    await rollUps.run(nowMs, which);
  }

  const measuredOf = async ({ at, values }: Sample): Promise<Measured> => ({
    at,
    layout: await layouts.withNames(undefined, Object.keys(values)),
    values: Float32Array.from(Object.values(values), bounded),
  });

  return {
    layouts,
    add: async (beacon, samples) => {
      const known: Measured[] = [];
      for (const sample of samples) known.push(await measuredOf(sample));
      return addMeasured({ beacon, samples: known });
    },
    addMeasured: (beacon, samples) => addMeasured({ beacon, samples }),
    addWhole: createSpanImport({ db, layouts, heads, exclusively, onSpans }),
    byKey: createSpansByKey({ db, layouts, heads, exclusively }),

    list: async (wanted) => {
      await putAll([await exclusively(() => heads.of(wanted.beacon))]);
      const spans = await rollUps.spansOf(wanted);
      const names = await layouts.names(new Set(spans.flatMap(({ span }) => [...span.series])));
      return spans.map(({ at, span }) => ({ at, values: namedSpan(span, names) }));
    },

    newest: async (beacon) => {
      const { newest } = await exclusively(() => heads.of(beacon));
      if (newest === undefined) return undefined;
      // The next one takes its place in memory.
      const { at, layout, values: places } = { ...newest, values: newest.values.slice() };
      const names = await layouts.names(layout.series);
      const values = [...layout.series].flatMap((series, place) => {
        const value = places[place] ?? Number.NaN;
        return Number.isNaN(value) ? [] : [[names.get(series) ?? "", rounded(value)] as const];
      });
      return { at, values: Object.fromEntries(values) };
    },

    rollUp: (nowMs) => rollUp(nowMs, "some"),
    flush: () => putAllOf(({ waiting }) => waiting.length > 0),

    prune: async (nowMs) => {
      // What is forgotten has to be in a coarser row.
      const isOld = ({ sample }: { readonly sample: Measured }) => sample.at < nowMs - finest.keptMs;
      await putAllOf(({ waiting }) => waiting.some(isOld));
      await rollUp(nowMs, "all");
      await forgetRows(db, nowMs - LATE_MS);
    },
  };
}

/** Some beacons at a time, so that nothing else waits for long. */
async function forgetRows(db: Database, nowMs: number): Promise<void> {
  const beacons = await db.selectFrom("beacon").select("id").execute();
  for (let from = 0; from < beacons.length; from += HEADS_AT_ONCE) {
    await db.transaction().execute(async (trx) => {
      for (const { id } of beacons.slice(from, from + HEADS_AT_ONCE))
        for (const { stepMs, keptMs } of resolutions)
          await trx
            .deleteFrom("rollup")
            .where("beacon", "=", id)
            .where("step_ms", "=", stepMs)
            .where("at", "<", nowMs - keptMs)
            .execute();
    });
    await nextTurn();
  }
}

const insertEntry = "insert into sample_journal (number, samples) values (?, ?)";
const putEntry = (trx: Transaction<Tables>, number: number, samples: Buffer) =>
  trx.executeQuery(CompiledQuery.raw(insertEntry, [number, samples]));

const keysOf = ({ beacon, samples }: Batch): SpanKey[] =>
  samples.map(({ at }) => ({ beacon, step_ms: finest.stepMs, at }));

const hasSamples = ({ samples }: { readonly samples: readonly Measured[] }) => samples.length > 0;
