import { useState } from "preact/hooks";
import { type ChartData, lastOf } from "./chart-data.ts";
import { TimeChart } from "./time-chart.tsx";

export interface ChartLine {
  readonly series: string;
  /** Said beside its value when there are several lines. */
  readonly title?: string;
}

export interface ChartCardProps {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly data: ChartData | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  readonly top?: number | undefined;
  /** Stands after the value: "of 7.75 GB". */
  readonly of?: string | undefined;
  readonly unit: ChartUnit;
}

export interface ChartUnit {
  readonly format: (value: number) => string;
  readonly formatAxis: (value: number) => string;
  readonly base: 2 | 10;
}

/** One measure: its value now or under the pointer, and its course. */
export function ChartCard({ title, lines, data, fromMs, toMs, top, of, unit }: ChartCardProps) {
  const [cursor, setCursor] = useState<number>();
  const shownValue = ({ series }: ChartLine) => {
    if (data === undefined) return "–";
    const value = cursor === undefined ? lastOf(data, series) : data.mean[series]?.[cursor];
    return value === undefined || value === null ? "–" : unit.format(value);
  };
  const at = cursor === undefined ? undefined : data?.x[cursor];
  const empty = data !== undefined && data.x.length === 0;
  return (
    <section class="card chart-card" aria-label={title}>
      <header class="chart-head">
        <h3>{title}</h3>
        <div class="chart-values">
          {lines.map((line, index) => (
            <span key={line.series} class="chart-value">
              {line.title === undefined ? null : (
                <span class="chart-key" data-line={index}>
                  {line.title}
                </span>
              )}
              <span class="mono figure">{shownValue(line)}</span>
            </span>
          ))}
          {of === undefined ? null : <span class="muted mono">{of}</span>}
        </div>
        <span class="chart-at mono faint">
          {at === undefined ? "" : new Date(at * 1_000).toLocaleTimeString(undefined, { hourCycle: "h23" })}
        </span>
      </header>
      {data === undefined ? (
        <span class="skeleton chart-wait" />
      ) : empty ? (
        <p class="chart-none muted">Nothing was measured in this time.</p>
      ) : (
        <TimeChart
          data={data}
          series={lines.map(({ series }) => series)}
          fromMs={fromMs}
          toMs={toMs}
          top={top}
          format={unit.formatAxis}
          base={unit.base}
          label={`${title}, now ${lines.map((line) => `${line.title ?? ""} ${shownValue(line)}`).join(", ")}`}
          onCursor={setCursor}
        />
      )}
    </section>
  );
}
