import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { ThemeContext } from "../theme.ts";
import type { ChartData } from "./chart-data.ts";

export interface TimeChartProps {
  readonly data: ChartData;
  readonly series: readonly string[];
  /** Window shown, milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Top of the axis; as high as the values when absent. */
  readonly top?: number | undefined;
  /** Writes the values of the axis. */
  readonly format: (value: number) => string;
  /** Distances that the axis may have between its lines: powers of two, or of ten. */
  readonly base: 2 | 10;
  /** What a screen reader is told in its place. */
  readonly label: string;
  /** Index of the moment under the pointer. */
  readonly onCursor: (index: number | undefined) => void;
}

const HEIGHT_PX = 150;
const colours = ["--chart-1", "--chart-2"];

/** Custom properties hold `light-dark(…)`; a canvas needs what it comes to. */
function colourOf(element: HTMLElement, property: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${property})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** 1, 2, 4 … bytes up to petabytes. */
const binarySteps = Array.from({ length: 51 }, (_, power) => 2 ** power);
const decimalSteps = [1, 2, 5, 10, 20, 25, 50, 100];

const withAlpha = (colour: string, alpha: number) => colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);

/** A line per series over time, with the highest values as a faint band above it. Charts of a page share the cursor. */
export function TimeChart(props: TimeChartProps) {
  const { data, series, fromMs, toMs, top, label } = props;
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = useContext(ThemeContext)?.shown.value;
  const shape = series.join(" ");

  // A new theme needs new colours; the rest is read from `latest`.
  useLayoutEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const chart = new uPlot(optionsOf(element, latest), columnsOf(latest.current), element);
    plot.current = chart;
    const resize = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [theme, shape]);

  // The window and the top are read by the scales.
  useLayoutEffect(() => {
    plot.current?.setData(columnsOf(latest.current));
  }, [data, fromMs, toMs, top]);

  return <div ref={holder} class="time-chart" role="img" aria-label={label} />;
}

const columnsOf = ({ data, series }: TimeChartProps): uPlot.AlignedData => [
  data.x,
  ...series.flatMap((name) => [data.mean[name] ?? [], data.max[name] ?? []]),
];

function optionsOf(element: HTMLElement, latest: { current: TimeChartProps }): uPlot.Options {
  const grid = colourOf(element, "--chart-grid");
  const text = colourOf(element, "--faint");
  const font = "500 10px 'JetBrains Mono Variable', monospace";
  const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  const lines = latest.current.series.map((_, index) => colourOf(element, colours[index % colours.length] ?? ""));
  return {
    width: Math.max(element.clientWidth, 100),
    height: HEIGHT_PX,
    padding: [8, 6, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: "wopr" },
      drag: { x: false, y: false },
      points: { size: 7 },
      y: false,
    },
    scales: {
      x: { range: () => [latest.current.fromMs / 1_000, latest.current.toMs / 1_000] },
      y: { range: (_plot, _min, max) => [0, latest.current.top ?? Math.max(max * 1.15, 1)] },
    },
    axes: [
      { ...axis, size: 26, space: 70, gap: 6, grid: { show: false }, values: clockLabels },
      {
        ...axis,
        size: 62,
        space: 26,
        gap: 4,
        incrs: latest.current.base === 2 ? binarySteps : decimalSteps,
        values: (_plot, splits) => splits.map((value) => latest.current.format(value)),
      },
    ],
    series: [
      {},
      ...lines.flatMap((colour): uPlot.Series[] => [
        {
          stroke: colour,
          width: 1.5,
          points: { show: false },
          ...(lines.length === 1 ? { fill: withAlpha(colour, 0.1) } : {}),
        },
        { stroke: withAlpha(colour, 0.28), width: 1, points: { show: false } },
      ]),
    ],
    hooks: {
      setCursor: [({ cursor }) => latest.current.onCursor(cursor.idx ?? undefined)],
    },
  };
}

/** Time of day; the day as well when the ticks are a day or more apart; seconds when they are that close. */
function clockLabels(_plot: uPlot, splits: number[]): string[] {
  const apart = (splits[1] ?? 0) - (splits[0] ?? 0);
  const options: Intl.DateTimeFormatOptions =
    apart >= 86_400
      ? { month: "short", day: "numeric" }
      : apart < 60
        ? { hour: "2-digit", minute: "2-digit", second: "2-digit" }
        : { hour: "2-digit", minute: "2-digit" };
  const format = new Intl.DateTimeFormat(undefined, { ...options, hourCycle: "h23" });
  return splits.map((second) => format.format(second * 1_000));
}
