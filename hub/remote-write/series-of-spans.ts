import { resolutions } from "#shared/metrics/rollup.ts";
import type { Rollup } from "#shared/metrics/sample.ts";
import { scaled } from "#shared/prometheus/exposition.ts";
import { prometheusSeries } from "#shared/prometheus/series.ts";
import type { WrittenSeries } from "./write-request.ts";

export interface SpanOfBeacon {
  readonly beacon: string;
  readonly name: string;
  readonly stepMs: number;
  readonly span: Rollup;
}

/**
 * The moment under which a span is written: a sample under its own; a coarser span under its last moment, one millisecond less for each
 * resolution, so that no moment of a series ever has two values.
 */
export function momentOf({ stepMs, span: { at } }: Pick<SpanOfBeacon, "stepMs" | "span">): number {
  const place = resolutions.findIndex((known) => known.stepMs === stepMs);
  return place <= 0 ? at : at + stepMs - place;
}

/** What is written of spans: the mean of each series, oldest first. */
export function seriesOfSpans(spans: readonly SpanOfBeacon[]): WrittenSeries[] {
  const written = new Map<
    string,
    { labels: Record<string, string>; factor: number; samples: { at: number; value: number }[] }
  >();
  for (const of of spans.toSorted((a, b) => momentOf(a) - momentOf(b))) {
    const at = momentOf(of);
    for (const [series, [, mean]] of Object.entries(of.span.values)) {
      const key = `${of.beacon} ${series}`;
      let one = written.get(key);
      if (one === undefined) {
        const { name, labels, factor } = prometheusSeries(series);
        one = { labels: { __name__: name, beacon: of.beacon, beacon_name: of.name, ...labels }, factor, samples: [] };
        written.set(key, one);
      }
      one.samples.push({ at, value: scaled(mean, one.factor) });
    }
  }
  return [...written.values()];
}
