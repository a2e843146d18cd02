import { resolutions } from "#shared/metrics/rollup.ts";
import type { Rollup, Sample } from "#shared/metrics/sample.ts";
import type { Database } from "./database.ts";
import { createGroupCommit } from "./group-commit.ts";
import { type PackedSpan, pack, spanOfSample, unpack } from "./packed-span.ts";
import { rollUp, type SpanAt, type SpansWanted, spansOf } from "./roll-up.ts";
import { createSeriesNames } from "./series-names.ts";

const [finest, minute] = resolutions;

/** How long the finest rows stay past their time, so that a sample delivered again is still recognised. */
const LATE_MS = 600_000;
/** Samples that are committed together at most: so many keep the hub from everything else for some ten milliseconds. */
const MOST_AT_ONCE = 500;
/** Nobody waits for a sample to be acknowledged, and each commit waits for the disk. */
const COMMIT_REST_MS = 100;
/** Largest magnitude in 32 bits (IEEE 754): what is beyond it is written as it. */
const LARGEST = 3.402_823_466e38;

/**
 * Measurements of the beacons at every resolution. The finest rows, one a sample, are the truth; the others are made out of them
 * when their time is over, and again when a sample comes late, so that nothing is counted twice whoever dies when.
 */
export interface RollupStore {
  /** Takes samples in, all or none; one that was taken in before counts once. @returns how many were new. */
  add(beacon: string, samples: readonly Sample[]): Promise<number>;
  /** One point for each span, also those that are not over. */
  list(wanted: SpansWanted): Promise<Rollup[]>;
  /** The newest sample's values. */
  newest(beacon: string): Promise<Sample | undefined>;
  /** Makes the coarser rows of spans that are over. To be called a few times a minute. */
  rollUp(nowMs: number): Promise<void>;
  /** Forgets what is older than its resolution is kept. */
  prune(nowMs: number): Promise<void>;
}

interface Batch {
  readonly beacon: string;
  readonly samples: readonly Sample[];
}

/** @param restMs Time between commits, in which samples of all beacons gather. */
export function createRollupStore(db: Database, restMs = COMMIT_REST_MS): RollupStore {
  const series = createSeriesNames(db);

  /** One statement for all rows and one for what has to be rolled up later, whoever they are of. */
  async function commit(batches: readonly Batch[]): Promise<number[]> {
    const ids = await series.ids(namesIn(batches));
    const rows = batches.flatMap(({ beacon, samples }) =>
      samples.map((sample) => ({ beacon, step_ms: finest.stepMs, at: sample.at, span: pack(spanOf(sample, ids)) })),
    );
    if (rows.length === 0) return batches.map(() => 0);
    const fresh = await db.transaction().execute(async (trx) => {
      const inserted = await trx
        .insertInto("rollup")
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .returning(["beacon", "at"])
        .execute();
      const due = new Map(
        inserted.map(({ beacon, at }) => {
          const span = at - (at % minute.stepMs);
          return [`${beacon} ${span}`, { beacon, step_ms: minute.stepMs, at: span }];
        }),
      );
      if (due.size > 0)
        await trx
          .insertInto("rollup_due")
          .values([...due.values()])
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      return inserted;
    });
    const counts = Map.groupBy(fresh, ({ beacon }) => beacon);
    // Of a beacon with several batches in one commit the first one is told all of it: together they are right.
    return batches.map(({ beacon }) => {
      const count = counts.get(beacon)?.length ?? 0;
      counts.delete(beacon);
      return count;
    });
  }
  const add = createGroupCommit({ commit, most: MOST_AT_ONCE, restMs });

  async function readable(spans: readonly SpanAt[]): Promise<Rollup[]> {
    const names = await series.names(new Set(spans.flatMap(({ span }) => [...span.ids])));
    return spans.map(({ at, span }) => ({ at, values: valuesOf(span, names) }));
  }

  return {
    add: (beacon, samples) => add({ beacon, samples }),

    list: async (wanted) => readable(await spansOf(db, wanted)),

    newest: async (beacon) => {
      const row = await db
        .selectFrom("rollup")
        .select(["at", "span"])
        .where("beacon", "=", beacon)
        .where("step_ms", "=", finest.stepMs)
        .orderBy("at", "desc")
        .limit(1)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const [newest] = await readable([{ at: row.at, span: unpack(row.span) }]);
      const values = Object.entries(newest?.values ?? {}).map(([name, [, mean]]) => [name, mean]);
      return { at: row.at, values: Object.fromEntries(values) };
    },

    rollUp: (nowMs) => rollUp(db, nowMs),

    prune: async (nowMs) => {
      // What is forgotten has to be in a coarser row.
      await rollUp(db, nowMs);
      for (const { id } of await db.selectFrom("beacon").select("id").execute()) {
        for (const { stepMs, keptMs } of resolutions) {
          await db
            .deleteFrom("rollup")
            .where("beacon", "=", id)
            .where("step_ms", "=", stepMs)
            .where("at", "<", nowMs - keptMs - LATE_MS)
            .execute();
        }
      }
    },
  };
}

function* namesIn(batches: readonly Batch[]): Generator<string> {
  for (const { samples } of batches) for (const { values } of samples) yield* Object.keys(values);
}

function spanOf({ values }: Sample, ids: ReadonlyMap<string, number>): PackedSpan {
  const entries = Object.entries(values);
  return spanOfSample(
    Uint32Array.from(entries, ([name]) => ids.get(name) ?? 0),
    Float32Array.from(entries, ([, value]) => Math.min(LARGEST, Math.max(-LARGEST, value))),
  );
}

/** Decimal digits that 24 bits hold; the rest is noise of the conversion. */
const DIGITS = 7;
const rounded = (value: number | undefined) => Number((value ?? 0).toPrecision(DIGITS));

function valuesOf({ ids, min, mean, max, count }: PackedSpan, names: ReadonlyMap<number, string>): Rollup["values"] {
  const values: Rollup["values"] = {};
  for (const [index, id] of ids.entries()) {
    const name = names.get(id);
    if (name === undefined) continue;
    values[name] = [rounded(min[index]), rounded(mean[index]), rounded(max[index]), count[index] ?? 1];
  }
  return values;
}
