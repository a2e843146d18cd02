import type { Transaction } from "kysely";
import { z } from "zod";
import { mergeRollups, resolutions, rollupOf } from "#shared/metrics/rollup.ts";
import { Rollup, type Sample } from "#shared/metrics/sample.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

const Values = Rollup.shape.values;
const [finest, ...coarser] = resolutions;

/** How long the finest rows stay past their time, so that a sample delivered again is still recognised. */
const LATE_MS = 600_000;

/** Measurements of the beacons at every resolution. */
export interface RollupStore {
  /** Takes samples in, all or none; one that was taken in before counts once. @returns how many were new. */
  add(beacon: string, samples: readonly Sample[]): Promise<number>;
  list(span: {
    readonly beacon: string;
    readonly stepMs: number;
    readonly from: number;
    readonly to: number;
  }): Promise<Rollup[]>;
  /** The newest sample's values. */
  newest(beacon: string): Promise<Sample | undefined>;
  /** Forgets what is older than its resolution is kept. */
  prune(nowMs: number): Promise<void>;
}

export const createRollupStore = (db: Database): RollupStore => ({
  add: (beacon, samples) =>
    db.transaction().execute(async (trx) => {
      const fresh = await insertSamples(trx, beacon, samples);
      for (const { stepMs } of coarser) {
        const spans = inSpans(fresh.map((sample) => rollupOf(sample, stepMs)).sort(byTime), stepMs);
        for (const span of spans) await merge(trx, { beacon, stepMs, span });
      }
      return fresh.length;
    }),

  list: async ({ beacon, stepMs, from, to }) => {
    const rows = await db
      .selectFrom("rollup")
      .select(["at", "values_json"])
      .where("beacon", "=", beacon)
      .where("step_ms", "=", stepMs)
      .where("at", ">=", from)
      .where("at", "<=", to)
      .orderBy("at")
      .execute();
    return inSpans(rows.map(rollupOfRow), stepMs);
  },

  newest: async (beacon) => {
    const row = await db
      .selectFrom("rollup")
      .select(["at", "values_json"])
      .where("beacon", "=", beacon)
      .where("step_ms", "=", finest.stepMs)
      .orderBy("at", "desc")
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const means = Object.entries(rollupOfRow(row).values).map(([series, [, mean]]) => [series, mean]);
    return { at: row.at, values: Object.fromEntries(means) };
  },

  prune: async (nowMs) => {
    for (const { stepMs, keptMs } of resolutions) {
      await db
        .deleteFrom("rollup")
        .where("step_ms", "=", stepMs)
        .where("at", "<", nowMs - keptMs - LATE_MS)
        .execute();
    }
  },
});

/**
 * The finest row is kept under the moment of the sample itself, which tells it from every other one.
 * @returns those that were new.
 */
async function insertSamples(trx: Transaction<Tables>, beacon: string, samples: readonly Sample[]): Promise<Sample[]> {
  const byMoment = new Map(samples.map((sample) => [sample.at, sample]));
  if (byMoment.size === 0) return [];
  const inserted = await trx
    .insertInto("rollup")
    .values(
      [...byMoment.values()].map((sample) => ({
        beacon,
        step_ms: finest.stepMs,
        at: sample.at,
        values_json: JSON.stringify(rollupOf(sample, finest.stepMs).values),
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning("at")
    .execute();
  const moments = new Set(inserted.map(({ at }) => at));
  return [...byMoment.values()].filter(({ at }) => moments.has(at));
}

async function merge(
  trx: Transaction<Tables>,
  { beacon, stepMs, span }: { beacon: string; stepMs: number; span: Rollup },
): Promise<void> {
  const row = await trx
    .selectFrom("rollup")
    .select(["at", "values_json"])
    .where("beacon", "=", beacon)
    .where("step_ms", "=", stepMs)
    .where("at", "=", span.at)
    .executeTakeFirst();
  const merged = row === undefined ? span : mergeRollups(rollupOfRow(row), span);
  const values_json = JSON.stringify(merged.values);
  await trx
    .insertInto("rollup")
    .values({ beacon, step_ms: stepMs, at: merged.at, values_json })
    .onConflict((conflict) => conflict.columns(["beacon", "step_ms", "at"]).doUpdateSet({ values_json }))
    .execute();
}

const byTime = (a: Rollup, b: Rollup) => a.at - b.at;

const rollupOfRow = (row: { at: number; values_json: string }): Rollup => ({
  at: row.at,
  values: z.parse(Values, JSON.parse(row.values_json)),
});

/** Rows in order of time to one point per span. */
function inSpans(rows: readonly Rollup[], stepMs: number): Rollup[] {
  const points: Rollup[] = [];
  for (const row of rows) {
    const span = { at: row.at - (row.at % stepMs), values: row.values };
    const last = points.at(-1);
    if (last?.at === span.at) points[points.length - 1] = mergeRollups(last, span);
    else points.push(span);
  }
  return points;
}
