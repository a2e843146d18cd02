import { CompiledQuery, sql, type Transaction } from "kysely";
import { mergeSpans, type PackedSpan, samplesIn, spanOfSample } from "#shared/metrics/packed-span.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { Database } from "./database.ts";
import { type CodedSample, decodeSamples, encodeSamples, type Measured } from "./sample-codec.ts";
import { type Head, minuteOf, type WaitingSample } from "./sample-heads.ts";
import type { Tables } from "./schema.ts";
import type { SeriesLayouts } from "./series-layouts.ts";
import { layoutOf, pack, unpack } from "./span-bytes.ts";

const [finest, minute, coarse] = resolutions;

/** A row of `rollup` as it is to be from now on. */
export interface SpanRow {
  readonly beacon: string;
  readonly step_ms: number;
  readonly at: number;
  readonly span: Buffer;
}

/** What has to be written for some samples of one beacon to be in rows. */
export interface SpanWrites {
  readonly head: Head;
  readonly written: ReadonlySet<WaitingSample>;
  readonly rows: readonly SpanRow[];
}

export interface SpanWriter {
  /** Of the minutes that are over, or of all. Nothing may be written between this and `put`. */
  plan(head: Head, which: "over" | "all"): Promise<SpanWrites>;
  put(trx: Transaction<Tables>, writes: SpanWrites): Promise<void>;
  /** Moments of the samples of this minute that are in rows. */
  momentsOf(beacon: string, at: number): Promise<ReadonlySet<number>>;
}

export interface SpanWriterParts {
  readonly db: Database;
  readonly layouts: SeriesLayouts;
  readonly measured: (coded: CodedSample) => Promise<Measured>;
}

/**
 * Puts samples in order: those of one minute of one beacon are a row, and so is what they say together. Samples that are there
 * already stay as they are, so that it does no harm to do it twice.
 */
export function createSpanWriter({ db, layouts, measured }: SpanWriterParts): SpanWriter {
  const storedAt = async (beacon: string, at: number) => {
    const query = sql<StoredSpan>`select step_ms, span from rollup
      where beacon = ${beacon} and step_ms in (${finest.stepMs}, ${minute.stepMs}) and at = ${at}`;
    return (await query.execute(db)).rows;
  };

  const rowsOf = async (beacon: string, at: number, added: readonly Measured[]): Promise<SpanRow[]> => {
    const stored = new Map((await storedAt(beacon, at)).map(({ step_ms, span }) => [step_ms, span]));
    const before = stored.get(finest.stepMs);
    const samples = new Map(added.map((sample) => [sample.at, sample]));
    for (const coded of before === undefined ? [] : decodeSamples(before)) samples.set(coded.at, await measured(coded));
    const all = [...samples.values()].sort((a, b) => a.at - b.at);
    const made = mergeSpans(all.map(({ layout, values }) => spanOfSample(layout.series, values)));
    const known = stored.get(minute.stepMs);
    const span = known === undefined ? made : fuller(unpack(known, await layouts.byId(layoutOf(known))), made);
    const packed = pack(span, (await layouts.of(span.series)).id);
    return [
      { beacon, step_ms: finest.stepMs, at, span: encodeSamples(all) },
      { beacon, step_ms: minute.stepMs, at, span: packed },
    ];
  };

  return {
    plan: async (head, which) => {
      const current = head.newest === undefined ? Number.NaN : minuteOf(head.newest.at);
      const written = head.waiting.filter(({ sample }) => which === "all" || minuteOf(sample.at) !== current);
      const rows: SpanRow[] = [];
      for (const [at, some] of Map.groupBy(written, ({ sample }) => minuteOf(sample.at)))
        rows.push(
          ...(await rowsOf(
            head.beacon,
            at,
            some.map(({ sample }) => sample),
          )),
        );
      return { head, written: new Set(written), rows };
    },
    put: async (trx, { rows }) => {
      for (const row of rows) await putRow(trx, row);
    },
    momentsOf: async (beacon, at) => {
      const chunk = (await storedAt(beacon, minuteOf(at))).find(({ step_ms }) => step_ms === finest.stepMs);
      return new Set(chunk === undefined ? [] : decodeSamples(chunk.span).map((sample) => sample.at));
    },
  };
}

interface StoredSpan {
  readonly step_ms: number;
  readonly span: Buffer;
}

// As text, since building a statement takes longer than these do, and they are what a hub does all day.
const upsertSpan = `insert into rollup (beacon, step_ms, at, span) values (?, ?, ?, ?)
  on conflict (beacon, step_ms, at) do update set span = excluded.span`;
const insertDue = "insert into rollup_due (beacon, step_ms, at) values (?, ?, ?) on conflict do nothing";

/** Writes a row, and has the one that is made of it made anew. */
export async function putRow(trx: Transaction<Tables>, { beacon, step_ms, at, span }: SpanRow): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(upsertSpan, [beacon, step_ms, at, span]));
  if (step_ms !== minute.stepMs) return;
  await trx.executeQuery(CompiledQuery.raw(insertDue, [beacon, coarse.stepMs, at - (at % coarse.stepMs)]));
}

/**
 * What is stored or what its parts make, whichever is of more samples: parts that came late may be the only ones that are left
 * of a span that was made long ago.
 */
export const fuller = (stored: PackedSpan, made: PackedSpan): PackedSpan =>
  samplesIn(stored) >= samplesIn(made) ? stored : made;
