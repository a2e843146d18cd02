import { type PackedSpan, spanOfSample } from "#shared/metrics/packed-span.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { Database } from "./database.ts";
import type { SpanKey } from "./remote-write-due.ts";
import { decodeSamples, type Measured } from "./sample-codec.ts";
import { minuteOf, type SampleHeads } from "./sample-heads.ts";
import type { SeriesLayouts } from "./series-layouts.ts";
import { layoutOf, unpack } from "./span-bytes.ts";

const [finest] = resolutions;

/** Single samples and spans of many beacons; what is there no more is left out. */
export type SpansByKey = (keys: readonly SpanKey[]) => Promise<(SpanKey & { readonly span: PackedSpan })[]>;

export interface SpansByKeyParts {
  readonly db: Database;
  readonly layouts: SeriesLayouts;
  readonly heads: Pick<SampleHeads, "of" | "measured">;
  /** Has nothing else written meanwhile. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

export function createSpansByKey({ db, layouts, heads, exclusively }: SpansByKeyParts): SpansByKey {
  const rowAt = async ({ beacon, step_ms, at }: SpanKey) =>
    (
      await db
        .selectFrom("rollup")
        .select("span")
        .where("beacon", "=", beacon)
        .where("step_ms", "=", step_ms)
        .where("at", "=", at)
        .executeTakeFirst()
    )?.span;

  /** All samples of the minute that some are wanted of: those that wait to be put into rows, and those that are in them. */
  const samplesOf = async (beacon: string, minute: number): Promise<Measured[]> => {
    const { waiting } = await heads.of(beacon);
    const row = await rowAt({ beacon, step_ms: finest.stepMs, at: minute });
    const stored = row === undefined ? [] : await Promise.all(decodeSamples(row).map(heads.measured));
    return [...waiting.map(({ sample }) => sample).filter(({ at }) => minuteOf(at) === minute), ...stored];
  };

  return (keys) =>
    exclusively(async () => {
      const found: (SpanKey & { span: PackedSpan })[] = [];
      const minutes = new Map<string, Promise<Measured[]>>();
      for (const key of keys) {
        const { beacon, step_ms, at } = key;
        if (step_ms !== finest.stepMs) {
          const row = await rowAt(key);
          if (row !== undefined) found.push({ ...key, span: unpack(row, await layouts.byId(layoutOf(row))) });
          continue;
        }
        const minute = `${beacon} ${minuteOf(at)}`;
        const samples = minutes.get(minute) ?? samplesOf(beacon, minuteOf(at));
        minutes.set(minute, samples);
        const sample = (await samples).find((one) => one.at === at);
        if (sample !== undefined) found.push({ ...key, span: spanOfSample(sample.layout.series, sample.values) });
      }
      return found;
    });
}
