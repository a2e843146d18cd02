import { setTimeout as sleep } from "node:timers/promises";
import { mergeSamples, mergeSpans, type PackedSpan } from "#shared/metrics/packed-span.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { Database } from "./database.ts";
import { decodeSamples } from "./sample-codec.ts";
import type { SampleHeads } from "./sample-heads.ts";
import type { SeriesLayouts } from "./series-layouts.ts";
import { layoutOf, pack, unpack } from "./span-bytes.ts";
import { fuller, putRows, type SpanRow } from "./write-spans.ts";

const [finest, minute, coarse] = resolutions;
/** How long a span waits for samples that are late, or not in rows yet, before it is made for the first time. */
const GRACE_MS = 150_000;
/** Spans that are made at once: some milliseconds, in which nothing else goes on, as each of them reads ten rows from ten places. */
const MOST_AT_ONCE = 8;
/** In which all else goes on: with a turn of the event loop alone, whoever waits for several things would wait for this at each. */
const REST_MS = 40;
/** Ten minutes are over for all beacons at the same moment: a large fleet's are made in so many turns, not as fast as it goes. */
const TURNS_OF_A_FLEET = 20;
/** A fleet that is not large. */
const FEW = 200;

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

interface Due {
  readonly beacon: string;
  readonly at: number;
}

export interface RollUpParts {
  readonly db: Database;
  readonly layouts: SeriesLayouts;
  readonly heads: Pick<SampleHeads, "measured" | "isGrowing">;
  /** Has nothing else written meanwhile. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** Rows as spans, and spans out of finer ones. */
export interface RollUp {
  /** One point for each span in order of time, also those that are not made yet. What waits has to be in rows. */
  spansOf(wanted: SpansWanted): Promise<SpanAt[]>;
  /**
   * Makes the rows of spans that are over and of which something is new, the oldest first, out of the next finer ones. Made again from
   * the same rows they are the same, so that it does no harm to die at any moment, or to do it twice.
   * @param which A share of them, when there are many, or all.
   */
  run(nowMs: number, which: "some" | "all"): Promise<void>;
}

export function createRollUp({ db, layouts, heads, exclusively }: RollUpParts): RollUp {
  const read = async (span: Buffer) => unpack(span, await layouts.byId(layoutOf(span)));

  const rowsOf = ({ beacon, stepMs, from, to }: SpansWanted) =>
    db
      .selectFrom("rollup")
      .select(["at", "span"])
      .where("beacon", "=", beacon)
      .where("step_ms", "=", stepMs)
      .where("at", ">=", from)
      .where("at", "<=", to)
      .orderBy("at")
      .execute();

  const stored = async (wanted: SpansWanted): Promise<SpanAt[]> => {
    const rows = await rowsOf(wanted);
    return Promise.all(rows.map(async ({ at, span }) => ({ at, span: await read(span) })));
  };

  /** A row has the samples of a minute; a point has those of ten seconds. */
  const finestOf = async (wanted: SpansWanted): Promise<SpanAt[]> => {
    const rows = await rowsOf({ ...wanted, from: wanted.from - (wanted.from % minute.stepMs) });
    const samples = rows
      .flatMap(({ span }) => decodeSamples(span))
      .filter(({ at }) => at >= wanted.from && at <= wanted.to);
    const spans = Map.groupBy(await Promise.all(samples.map(heads.measured)), ({ at }) => at - (at % finest.stepMs));
    return [...spans].map(([at, parts]) => ({
      at,
      span: mergeSamples(parts.map(({ layout, values }) => ({ series: layout.series, values }))),
    }));
  };

  const made = async (beacon: string, at: number, known: PackedSpan | undefined): Promise<PackedSpan | undefined> => {
    const parts = await stored({ beacon, stepMs: minute.stepMs, from: at, to: at + coarse.stepMs - 1 });
    if (parts.length === 0) return known;
    const span = mergeSpans(parts.map((part) => part.span));
    return known === undefined ? span : fuller(known, span);
  };

  const coarseOf = async (wanted: SpansWanted): Promise<SpanAt[]> => {
    const spans = new Map((await stored(wanted)).map(({ at, span }) => [at, span]));
    const due = await db
      .selectFrom("rollup_due")
      .select("at")
      .where("beacon", "=", wanted.beacon)
      .where("step_ms", "=", coarse.stepMs)
      .where("at", ">=", wanted.from)
      .where("at", "<=", wanted.to)
      .execute();
    for (const { at } of due) {
      const span = await made(wanted.beacon, at, spans.get(at));
      if (span !== undefined) spans.set(at, span);
    }
    return [...spans].map(([at, span]) => ({ at, span })).sort((a, b) => a.at - b.at);
  };

  /** What can be made now. A span that is old and grows, when a beacon tells of a time long past, would be made again and again. */
  const dueAt = async (nowMs: number): Promise<Due[]> => {
    const due = await db
      .selectFrom("rollup_due")
      .select(["beacon", "at"])
      .where("step_ms", "=", coarse.stepMs)
      .where("at", "<=", nowMs - coarse.stepMs - GRACE_MS)
      .orderBy("at")
      .execute();
    return due.filter(({ beacon, at }) => !heads.isGrowing(beacon, at + coarse.stepMs));
  };

  const makeSome = async (some: readonly Due[]): Promise<void> => {
    const rows: SpanRow[] = [];
    for (const { beacon, at } of some) {
      const [known] = await stored({ beacon, stepMs: coarse.stepMs, from: at, to: at });
      const span = await made(beacon, at, known?.span);
      if (span !== undefined && span !== known?.span)
        rows.push({ beacon, step_ms: coarse.stepMs, at, span: pack(span, (await layouts.of(span.series)).id) });
    }
    await db.transaction().execute(async (trx) => {
      await putRows(trx, rows);
      for (const { beacon, at } of some)
        await trx
          .deleteFrom("rollup_due")
          .where("beacon", "=", beacon)
          .where("step_ms", "=", coarse.stepMs)
          .where("at", "=", at)
          .execute();
    });
  };

  return {
    spansOf: (wanted) => {
      if (wanted.stepMs === finest.stepMs) return finestOf(wanted);
      return wanted.stepMs === coarse.stepMs ? coarseOf(wanted) : stored(wanted);
    },
    run: async (nowMs, which) => {
      const all = await exclusively(() => dueAt(nowMs));
      const due = which === "all" ? all : all.slice(0, Math.max(FEW, Math.ceil(all.length / TURNS_OF_A_FLEET)));
      for (let from = 0; from < due.length; from += MOST_AT_ONCE) {
        await exclusively(() => makeSome(due.slice(from, from + MOST_AT_ONCE)));
        if (from + MOST_AT_ONCE < due.length) await sleep(REST_MS);
      }
    },
  };
}
