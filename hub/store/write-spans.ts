import { CompiledQuery, sql, type Transaction } from "kysely";
import { mergeSamples, type PackedSpan, samplesIn } from "#shared/metrics/packed-span.ts";
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
  put(trx: Transaction<Tables>, writes: readonly SpanWrites[]): Promise<void>;
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

  const rowsOf = async ({ beacon, rowsUntil }: Head, at: number, added: readonly Measured[]): Promise<SpanRow[]> => {
    const rows = at > rowsUntil ? [] : await storedAt(beacon, at);
    const stored = new Map(rows.map(({ step_ms, span }) => [step_ms, span]));
    const before = stored.get(finest.stepMs);
    const samples = new Map(added.map((sample) => [sample.at, sample]));
    for (const coded of before === undefined ? [] : decodeSamples(before)) samples.set(coded.at, await measured(coded));
    const all = [...samples.values()].sort((a, b) => a.at - b.at);
    const made = mergeSamples(all.map(({ layout, values }) => ({ series: layout.series, values })));
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
            head,
            at,
            some.map(({ sample }) => sample),
          )),
        );
      return { head, written: new Set(written), rows };
    },
    put: (trx, writes) =>
      putRows(
        trx,
        writes.flatMap(({ rows }) => rows),
      ),
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

/** Rows of one statement: what surrounds each takes longer than its rows do, and it is what a hub does all day. */
const ROWS_AT_ONCE = 32;

/** Writes rows, and has those that are made of them made anew. */
export async function putRows(trx: Transaction<Tables>, rows: readonly SpanRow[]): Promise<void> {
  const spans = rows.map(({ beacon, step_ms, at, span }) => [beacon, step_ms, at, span]);
  const due = rows
    .filter(({ step_ms }) => step_ms === minute.stepMs)
    .map(({ beacon, at }) => [beacon, coarse.stepMs, at - (at % coarse.stepMs)]);
  await insertAll(trx, spans, {
    into: "insert into rollup (beacon, step_ms, at, span)",
    onConflict: "on conflict (beacon, step_ms, at) do update set span = excluded.span",
  });
  await insertAll(trx, due, {
    into: "insert into rollup_due (beacon, step_ms, at)",
    onConflict: "on conflict do nothing",
  });
}

interface Insertion {
  readonly into: string;
  readonly onConflict: string;
}

/** As text, since building a statement takes longer than it does; in pieces of a few sizes, so that each is compiled once. */
async function insertAll(
  trx: Transaction<Tables>,
  rows: readonly (readonly unknown[])[],
  { into, onConflict }: Insertion,
): Promise<void> {
  let size = ROWS_AT_ONCE;
  for (let from = 0; from < rows.length; from += size) {
    while (size > rows.length - from) size /= 2;
    const piece = rows.slice(from, from + size);
    const values = piece.map((row) => `(${row.map(() => "?").join(", ")})`).join(", ");
    await trx.executeQuery(CompiledQuery.raw(`${into} values ${values} ${onConflict}`, piece.flat()));
  }
}

/**
 * What is stored or what its parts make, whichever is of more samples: parts that came late may be the only ones that are left
 * of a span that was made long ago.
 */
export const fuller = (stored: PackedSpan, made: PackedSpan): PackedSpan =>
  samplesIn(stored) >= samplesIn(made) ? stored : made;
