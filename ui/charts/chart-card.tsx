import { useState } from "preact/hooks";
import { type ChartData, type Gap, lastOf, valueAt } from "./chart-data.ts";
import { gapWords } from "./chart-options.ts";
import type { TimeWindow } from "./chart-view.ts";
import { type DrawnLine, TimeChart } from "./time-chart.tsx";
import { ValueTable } from "./value-table.tsx";
import "./chart-card.css";

export interface ChartLine extends DrawnLine {
  /** Said beside its value when there are several lines. */
  readonly title?: string | undefined;
}

/** What all charts of a page have in common. */
export interface ChartFrame extends TimeWindow {
  readonly data: ChartData | undefined;
  readonly asTable: boolean;
  readonly onZoom: (window: TimeWindow | undefined) => void;
  readonly onKey: (key: string) => boolean;
}

export interface ChartCardProps {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly frame: ChartFrame;
  readonly top?: number | undefined;
  readonly least?: number | undefined;
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
export function ChartCard({ title, lines, frame, top, least, of, unit }: ChartCardProps) {
  const [cursor, setCursor] = useState<number>();
  const { data, fromMs, toMs, asTable, onZoom, onKey } = frame;
  const shownValue = ({ series }: ChartLine) => {
    if (data === undefined) return "–";
    const value = cursor === undefined ? lastOf(data, series) : valueAt(data.columns[series]?.mean ?? [], cursor);
    return value === undefined ? "–" : unit.format(value);
  };
  const isEmpty =
    data !== undefined && !lines.some(({ series }) => data.columns[series]?.mean.some((value) => value != null));
  return (
    <section class="card chart-card" aria-label={title}>
      <header class="chart-head">
        <h3>{title}</h3>
        <div class="chart-values">
          {lines.map((line) => (
            <span key={line.series} class="chart-value">
              {line.title === undefined ? null : (
                <span class="chart-key" data-line={line.colour ?? 0} data-compared={line.isCompared ?? false}>
                  {line.title}
                </span>
              )}
              <span class="mono figure">{shownValue(line)}</span>
            </span>
          ))}
          {of === undefined ? null : <span class="muted mono">{of}</span>}
        </div>
        <span class="chart-at mono faint">{data === undefined ? "" : momentWords(data, cursor, toMs - fromMs)}</span>
      </header>
      {data === undefined ? (
        <span class="skeleton chart-wait" />
      ) : isEmpty ? (
        <p class="chart-none muted">Nothing was measured in this time.</p>
      ) : asTable ? (
        <ValueTable data={data} lines={lines} format={unit.format} />
      ) : (
        <TimeChart
          data={data}
          lines={lines.map(({ series, colour = 0, isCompared = false }) => ({ series, colour, isCompared }))}
          fromMs={fromMs}
          toMs={toMs}
          top={top}
          least={least}
          format={unit.formatAxis}
          base={unit.base}
          label={`${title}, now ${lines.map((line) => `${line.title ?? ""} ${shownValue(line)}`).join(", ")}. Arrow keys move through it.`}
          onCursor={setCursor}
          onZoom={onZoom}
          onKey={onKey}
        />
      )}
    </section>
  );
}

/** When that is under the cursor, with its day where that is not plain; and why nothing is known of then. */
function momentWords(data: ChartData, cursor: number | undefined, spanMs: number): string {
  const second = cursor === undefined ? undefined : data.x[cursor];
  if (cursor === undefined || second === undefined) return "";
  const at = new Date(second * 1_000);
  const clock = at.toLocaleTimeString(undefined, { hourCycle: "h23" });
  const gap = gapAt(data, cursor);
  const day =
    spanMs < 86_400_000 && at.toDateString() === new Date().toDateString()
      ? ""
      : `${at.toLocaleDateString(undefined, { month: "short", day: "numeric" })} `;
  return `${gap === undefined ? "" : `${gapWords(gap.reason)} · `}${day}${clock}`;
}

/** The gap that the cursor is in: it is always at one of the two moments right beside it. */
function gapAt({ x, columns, gaps }: ChartData, cursor: number): Gap | undefined {
  if (Object.values(columns).some(({ mean }) => typeof mean[cursor] === "number")) return undefined;
  const [before, after] = [(x[cursor - 1] ?? 0) * 1_000, (x[cursor + 1] ?? Number.POSITIVE_INFINITY) * 1_000];
  return gaps.find(({ fromMs, toMs }) => fromMs <= after && toMs > before);
}
