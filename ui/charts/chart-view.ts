/** Spans that end now. */
export const ranges = [
  { value: "live", title: "Live", spanMs: 2 * 60_000 },
  { value: "15m", title: "15 min", spanMs: 15 * 60_000 },
  { value: "1h", title: "1 h", spanMs: 3_600_000 },
  { value: "6h", title: "6 h", spanMs: 6 * 3_600_000 },
  { value: "24h", title: "24 h", spanMs: 86_400_000 },
  { value: "7d", title: "7 d", spanMs: 7 * 86_400_000 },
  { value: "30d", title: "30 d", spanMs: 30 * 86_400_000 },
] as const;
export type RangeName = (typeof ranges)[number]["value"];

export const spanOf = (range: RangeName): number => ranges.find(({ value }) => value === range)?.spanMs ?? 0;

/** A span that stands still, milliseconds since the epoch. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is drawn beside what was measured: the same beacon earlier, or another one at the same time. */
export type Comparison = { readonly to: "day" | "week" } | { readonly to: "beacon"; readonly beacon: string };

export const earlierMs = { day: 86_400_000, week: 7 * 86_400_000 } as const;

/** How charts are shown. It stands in the address, so that a link shows them the same way. */
export interface ChartView {
  readonly range: RangeName;
  /** In place of the range. */
  readonly window?: TimeWindow | undefined;
  readonly compare?: Comparison | undefined;
  /** `<instance>/<service>`; those that use most when absent. */
  readonly services?: readonly string[] | undefined;
  /** More than the four that everybody looks at. */
  readonly all: boolean;
  readonly asTable: boolean;
}

const FIRST_RANGE: RangeName = "15m";
const SHORTEST_MS = 60_000;
const LONGEST_MS = 30 * 86_400_000;

/** Pure: what does not make sense is left out. */
export function parseChartView(query: string): ChartView {
  const asked = new URLSearchParams(query);
  const range = ranges.find(({ value }) => value === asked.get("range"))?.value ?? FIRST_RANGE;
  const [fromMs, toMs] = [Number(asked.get("from") ?? Number.NaN), Number(asked.get("to") ?? Number.NaN)];
  const isWindow = fromMs >= 0 && toMs - fromMs >= SHORTEST_MS && toMs - fromMs <= LONGEST_MS;
  const services = asked.get("services");
  return {
    range,
    ...(isWindow ? { window: { fromMs, toMs } } : {}),
    compare: comparisonOf(asked.get("compare")),
    ...(services === null ? {} : { services: services.split(",").filter((name) => name !== "") }),
    all: asked.get("charts") === "all",
    asTable: asked.get("as") === "table",
  };
}

function comparisonOf(text: string | null): Comparison | undefined {
  if (text === "day" || text === "week") return { to: text };
  const beacon = /^beacon:(.+)$/.exec(text ?? "")?.[1];
  return beacon === undefined ? undefined : { to: "beacon", beacon };
}

export const comparisonText = (compare: Comparison | undefined): string =>
  compare === undefined ? "" : compare.to === "beacon" ? `beacon:${compare.beacon}` : compare.to;

/** The query that `parseChartView` reads again; what is as usual is left out. */
export function formatChartView({ range, window, compare, services, all, asTable }: ChartView): string {
  const query = new URLSearchParams({
    ...(window === undefined ? {} : { from: String(window.fromMs), to: String(window.toMs) }),
    ...(range === FIRST_RANGE ? {} : { range }),
    ...(compare === undefined ? {} : { compare: comparisonText(compare) }),
    ...(services === undefined ? {} : { services: services.join(",") }),
    ...(all ? { charts: "all" } : {}),
    ...(asTable ? { as: "table" } : {}),
  });
  return query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%2F", "/");
}

/** A window within what is kept and what has happened, whole seconds, and no shorter than a minute. */
export function fitWindow({ fromMs, toMs }: TimeWindow, nowMs: number): TimeWindow {
  const spanMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, toMs - fromMs));
  const middle = (fromMs + toMs) / 2;
  const end = Math.min(nowMs, middle + spanMs / 2);
  const from = Math.floor((end - spanMs) / 1_000) * 1_000;
  return { fromMs: from, toMs: from + Math.ceil(spanMs / 1_000) * 1_000 };
}

/** @param factor Below 1 it shows less. */
export function zoomed({ fromMs, toMs }: TimeWindow, factor: number, nowMs: number): TimeWindow {
  const [middle, half] = [(fromMs + toMs) / 2, ((toMs - fromMs) / 2) * factor];
  return fitWindow({ fromMs: middle - half, toMs: middle + half }, nowMs);
}

/** @param share Of its own length; below 0 it goes back. */
export function moved({ fromMs, toMs }: TimeWindow, share: number, nowMs: number): TimeWindow {
  const by = (toMs - fromMs) * share;
  return fitWindow({ fromMs: fromMs + by, toMs: toMs + by }, nowMs);
}
