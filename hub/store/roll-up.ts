import type { Transaction } from "kysely";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { Database } from "./database.ts";
import { mergeSpans, type PackedSpan, pack, samplesIn, unpack } from "./packed-span.ts";
import type { Tables } from "./schema.ts";

/** How long a span waits for samples that are late before it is rolled up for the first time. */
const GRACE_MS = 20_000;
/** Spans that are made in one transaction. */
const MOST_AT_ONCE = 200;

export interface SpanAt {
  readonly at: number;
  readonly span: PackedSpan;
}

export interface SpansWanted {
  readonly beacon: string;
  readonly stepMs: number;
  readonly from: number;
  /** Included. */
  readonly to: number;
}

type Reader = Pick<Database | Transaction<Tables>, "selectFrom">;

/** The resolution that the rows of this one are made of; undefined for the finest, and for what is none. */
const finerOf = (stepMs: number) => resolutions[resolutions.findIndex((known) => known.stepMs === stepMs) - 1];
const coarserOf = (stepMs: number) => resolutions[resolutions.findIndex((known) => known.stepMs === stepMs) + 1];

/** One point for each span in order of time, also those that are not rolled up yet. */
export async function spansOf(db: Reader, wanted: SpansWanted): Promise<SpanAt[]> {
  const { beacon, stepMs, from, to } = wanted;
  const spans = new Map((await rowsOf(db, wanted)).map((row) => [row.at, row]));
  const finer = finerOf(stepMs);
  if (finer === undefined) return [...spans.values()];
  const due = await db
    .selectFrom("rollup_due")
    .select("at")
    .where("beacon", "=", beacon)
    .where("step_ms", "<=", stepMs)
    .where("at", ">=", from - (from % stepMs))
    .where("at", "<=", to)
    .execute();
  for (const at of new Set(due.map((row) => row.at - (row.at % stepMs)))) {
    const parts = await spansOf(db, { beacon, stepMs: finer.stepMs, from: at, to: at + stepMs - 1 });
    const span = fuller(spans.get(at)?.span, parts);
    if (span !== undefined && at >= from) spans.set(at, { at, span });
  }
  return [...spans.values()].sort((a, b) => a.at - b.at);
}

/**
 * Makes the rows of all spans that are over and of which something is new, out of the next finer ones. Made again from the same
 * rows they are the same, so that it does no harm to die at any moment, or to do it twice.
 */
export async function rollUp(db: Database, nowMs: number): Promise<void> {
  for (const { stepMs } of resolutions.slice(1)) {
    for (;;) {
      const due = await db
        .selectFrom("rollup_due")
        .select(["beacon", "at"])
        .where("step_ms", "=", stepMs)
        .where("at", "<=", nowMs - stepMs - GRACE_MS)
        .orderBy("at")
        .limit(MOST_AT_ONCE)
        .execute();
      if (due.length === 0) break;
      await db.transaction().execute(async (trx) => {
        for (const { beacon, at } of due) await makeRow(trx, { beacon, stepMs, at });
      });
    }
  }
}

async function makeRow(
  trx: Transaction<Tables>,
  { beacon, stepMs, at }: { beacon: string; stepMs: number; at: number },
): Promise<void> {
  const finer = finerOf(stepMs);
  const key = { beacon, step_ms: stepMs, at };
  if (finer !== undefined) {
    const [stored] = await rowsOf(trx, { beacon, stepMs, from: at, to: at });
    const parts = await rowsOf(trx, { beacon, stepMs: finer.stepMs, from: at, to: at + stepMs - 1 });
    const span = fuller(stored?.span, parts);
    if (span !== undefined && span !== stored?.span) {
      const packed = pack(span);
      await trx
        .insertInto("rollup")
        .values({ ...key, span: packed })
        .onConflict((conflict) => conflict.columns(["beacon", "step_ms", "at"]).doUpdateSet({ span: packed }))
        .execute();
    }
  }
  await trx
    .deleteFrom("rollup_due")
    .where("beacon", "=", beacon)
    .where("step_ms", "=", stepMs)
    .where("at", "=", at)
    .execute();
  const coarser = coarserOf(stepMs);
  if (coarser === undefined) return;
  await trx
    .insertInto("rollup_due")
    .values({ beacon, step_ms: coarser.stepMs, at: at - (at % coarser.stepMs) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * What is stored or what its parts make, whichever is of more samples: parts that came late may be the only ones that are left
 * of a span that was rolled up long ago.
 */
function fuller(stored: PackedSpan | undefined, parts: readonly SpanAt[]): PackedSpan | undefined {
  if (parts.length === 0) return stored;
  const made = mergeSpans(parts.map(({ span }) => span));
  return stored !== undefined && samplesIn(stored) >= samplesIn(made) ? stored : made;
}

/** Rows of one resolution, those within one span as one: the finest ones are kept by the moment of the sample. */
async function rowsOf(db: Reader, { beacon, stepMs, from, to }: SpansWanted): Promise<SpanAt[]> {
  const rows = await db
    .selectFrom("rollup")
    .select(["at", "span"])
    .where("beacon", "=", beacon)
    .where("step_ms", "=", stepMs)
    .where("at", ">=", from)
    .where("at", "<=", to)
    .orderBy("at")
    .execute();
  const spans = Map.groupBy(rows, ({ at }) => at - (at % stepMs));
  return [...spans].map(([at, parts]) => {
    const [first, second] = parts;
    const only = first !== undefined && second === undefined;
    return { at, span: only ? unpack(first.span) : mergeSpans(parts.map((part) => unpack(part.span))) };
  });
}
