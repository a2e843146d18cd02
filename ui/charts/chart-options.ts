import uPlot from "uplot";
import type { GapReason } from "#shared/metrics/gaps.ts";
import { clockLabels } from "./axis-labels.ts";
import type { TimeChartProps } from "./time-chart.tsx";

export const HEIGHT_PX = 150;
/** Charts of a page share the cursor under this name. */
export const CURSOR_KEY = "wopr";
const MOST_COLOURS = 5;
/** A drag that is shorter is a click that slipped. */
const SHORTEST_DRAG_PX = 8;

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
const decimalSteps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1_000];

const withAlpha = (colour: string, alpha: number) => colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);

/** A line each; one that stands alone or in a pair has a band from its lowest to its highest values. */
export const hasBand = ({ lines }: Pick<TimeChartProps, "lines">) =>
  lines.filter(({ isCompared }) => isCompared !== true).length <= 2;

export const columnsOf = ({ data, lines, ...props }: TimeChartProps): uPlot.AlignedData => {
  const banded = hasBand({ lines, ...props });
  const columns = lines.flatMap(({ series, isCompared }) => {
    const { mean = [], max = [], min = [] } = data.columns[series] ?? {};
    return banded && isCompared !== true ? [mean, max, min] : [mean];
  });
  return [[...data.x], ...columns.map((values) => [...values])];
};

/** What uPlot draws by; `latest` is read anew each time, so that only other lines and colours need another chart. */
export function optionsOf(element: HTMLElement, latest: { current: TimeChartProps }): uPlot.Options {
  const grid = colourOf(element, "--chart-grid");
  const text = colourOf(element, "--faint");
  const font = "500 10px 'JetBrains Mono Variable', monospace";
  const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  const { lines } = latest.current;
  const banded = hasBand(latest.current);
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const { colour: number = 0, isCompared } of lines) {
    const colour = colourOf(element, `--chart-${(number % MOST_COLOURS) + 1}`);
    const line = { stroke: colour, width: 1.5, points: { show: false } };
    if (isCompared === true) series.push({ ...line, stroke: withAlpha(colour, 0.75), dash: [5, 4], width: 1.2 });
    else if (banded) {
      bands.push({ series: [series.length + 1, series.length + 2], fill: withAlpha(colour, 0.2) });
      const edge = { stroke: "transparent", width: 0, points: { show: false } };
      series.push({ ...line, ...(lines.length === 1 ? { fill: withAlpha(colour, 0.08) } : {}) }, edge, edge);
    } else series.push(line);
  }
  const isUnderPointer = (plot: uPlot) => plot.over.matches(":hover");
  return {
    width: Math.max(element.clientWidth, 100),
    height: HEIGHT_PX,
    padding: [8, 6, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: CURSOR_KEY, scales: ["x", null], filters: { pub: (type) => !/^mouse(down|up)$/.test(type) } },
      drag: { x: true, y: false, setScale: false, dist: SHORTEST_DRAG_PX },
      bind: {
        dblclick: () => () => {
          latest.current.onZoom(undefined);
          return null;
        },
      },
      points: { size: 7 },
      y: false,
    },
    scales: {
      x: { range: () => [latest.current.fromMs / 1_000, latest.current.toMs / 1_000] },
      y: { range: (_plot, _min, max) => [0, latest.current.top ?? Math.max(max * 1.15, latest.current.least ?? 1)] },
    },
    axes: [
      { ...axis, size: 26, space: 70, gap: 6, grid: { show: false }, values: (_plot, splits) => clockLabels(splits) },
      {
        ...axis,
        size: 62,
        space: 26,
        gap: 4,
        incrs: latest.current.base === 2 ? binarySteps : decimalSteps,
        values: (_plot, splits) => splits.map((value) => latest.current.format(value)),
      },
    ],
    series,
    bands,
    hooks: {
      drawClear: [(plot) => drawGaps(plot, { gaps: latest.current.data.gaps, hatch: grid, text, font })],
      setCursor: [({ cursor }) => latest.current.onCursor(cursor.idx ?? undefined)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < SHORTEST_DRAG_PX || !isUnderPointer(plot)) return;
          const at = (px: number) => plot.posToVal(px, "x") * 1_000;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.onZoom({ fromMs: at(left), toMs: at(left + width) });
        },
      ],
    },
  };
}

interface GapLook {
  readonly gaps: TimeChartProps["data"]["gaps"];
  readonly hatch: string;
  readonly text: string;
  readonly font: string;
}

/** Hatches the spans in which nothing was measured, and says so where there is room for it. */
function drawGaps(plot: uPlot, { gaps, hatch, text, font }: GapLook): void {
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { fromMs, toMs, reason } of gaps) {
    const from = plot.valToPos(fromMs / 1_000, "x", true);
    const width = plot.valToPos(toMs / 1_000, "x", true) - from;
    if (width < 1 || from > bbox.left + bbox.width || from + width < bbox.left) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(from, bbox.top, width, bbox.height);
    ctx.clip();
    ctx.strokeStyle = hatch;
    ctx.lineWidth = 2 * ratio;
    ctx.beginPath();
    const [left, right] = [Math.max(from, bbox.left), Math.min(from + width, bbox.left + bbox.width)];
    for (let x = left - bbox.height; x < right; x += 7 * ratio) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.font = font.replace("10px", `${10 * ratio}px`);
    ctx.fillStyle = text;
    ctx.textAlign = "center";
    const words = gapWords(reason);
    if (ctx.measureText(words).width + 12 * ratio < right - left)
      ctx.fillText(words, (left + right) / 2, bbox.top + bbox.height / 2);
    ctx.restore();
  }
  ctx.restore();
}

const reasonWords: Readonly<Record<GapReason, string>> = {
  "beacon-off": "beacon off",
  "agent-off": "agent off",
  unknown: "no data",
};

/** What is said of a gap. */
export const gapWords = (reason: GapReason = "unknown"): string => reasonWords[reason];

export { uPlot };
