import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import "uplot/dist/uPlot.min.css";
import { ThemeContext } from "../theme.ts";
import type { ChartData } from "./chart-data.ts";
import { CURSOR_KEY, columnsOf, HEIGHT_PX, optionsOf, uPlot } from "./chart-options.ts";
import type { TimeWindow } from "./chart-view.ts";
import { followFingers } from "./follow-fingers.ts";

export interface DrawnLine {
  readonly series: string;
  /** Which of the colours, from 0. */
  readonly colour?: number;
  /** Dashed: what is compared with. */
  readonly isCompared?: boolean;
}

export interface TimeChartProps {
  readonly data: ChartData;
  readonly lines: readonly DrawnLine[];
  /** Window shown, milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Top of the axis; as high as the values when absent. */
  readonly top?: number | undefined;
  /** The axis is at least so high. */
  readonly least?: number | undefined;
  /** Writes the values of the axis. */
  readonly format: (value: number) => string;
  /** Distances that the axis may have between its lines: powers of two, or of ten. */
  readonly base: 2 | 10;
  /** What a screen reader is told in its place. */
  readonly label: string;
  /** Index of the moment under the pointer. */
  readonly onCursor: (index: number | undefined) => void;
  /** The reader wants to see this span; with none, what was shown before. */
  readonly onZoom: (window: TimeWindow | undefined) => void;
  /** A key that moves the window: see `ChartKeys`. @returns whether it does. */
  readonly onKey: (key: string) => boolean;
}

/** A line per series over time. Charts of a page share the cursor, by pointer, finger and arrow keys. */
export function TimeChart(props: TimeChartProps) {
  const { data, lines, fromMs, toMs, top, label } = props;
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = useContext(ThemeContext)?.shown.value;
  const shape = JSON.stringify(lines);

  // A new theme needs new colours; the rest is read from `latest`.
  useLayoutEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const chart = new uPlot(optionsOf(element, latest), columnsOf(latest.current), element);
    plot.current = chart;
    const resize = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resize.observe(element);
    const release = followFingers(chart.over, {
      onMove: (leftPx) => pointAt(chart, leftPx),
      onPinch: (from, to) => {
        const at = (px: number) => chart.posToVal(px, "x") * 1_000;
        latest.current.onZoom({ fromMs: at(from), toMs: at(to) });
      },
    });
    return () => {
      release();
      resize.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [theme, shape]);

  // The window and the top are read by the scales.
  useLayoutEffect(() => {
    plot.current?.setData(columnsOf(latest.current));
  }, [data, fromMs, toMs, top]);

  return (
    <div
      ref={holder}
      class="time-chart"
      role="img"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the cursor
      tabIndex={0}
      aria-label={label}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        const isTaken =
          steps !== undefined && plot.current !== null ? step(plot.current, steps) : props.onKey(event.key);
        if (isTaken) event.preventDefault();
      }}
    />
  );
}

/** Puts the cursor of all charts there. */
function pointAt(chart: uPlot, left: number): void {
  const { clientWidth: width, clientHeight: height } = chart.over;
  const top = height / 2;
  chart.setCursor({ left, top }, true);
  // The others look here for the moment, which need not be at the same place in them.
  const { sync } = chart.cursor;
  if (sync !== undefined) sync.values = [chart.posToVal(left, "x"), 0];
  uPlot.sync(CURSOR_KEY).pub("mousemove", chart, left, top, width, height, chart.posToIdx(left));
}

/** One moment on or back; from the end where there is no cursor yet. */
function step(chart: uPlot, by: number): boolean {
  const seconds = chart.data[0];
  const index = Math.min(seconds.length - 1, Math.max(0, (chart.cursor.idx ?? seconds.length) + by));
  const second = seconds[index];
  if (second === undefined) return false;
  pointAt(chart, chart.valToPos(second, "x"));
  return true;
}
