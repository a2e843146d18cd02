import { useEffect } from "preact/hooks";
import type { MetricsView } from "#shared/api/beacon.ts";
import type { Problem } from "#shared/problem.ts";
import { besides, type ChartData, chartOfMetrics, chartOfSamples, later } from "../charts/chart-data.ts";
import { type ChartView, earlierMs, spanOf, type TimeWindow } from "../charts/chart-view.ts";
import { useLoaded } from "../use-loaded.ts";
import { useBeacon } from "./beacon-store.ts";

/** Measurements of other beacons, where the reader may see them. */
export interface Peers {
  readonly list: readonly { readonly id: string; readonly name: string }[];
  readonly metrics: (beacon: string, fromMs: number, toMs: number, series: readonly string[]) => Promise<MetricsView>;
}

export interface Measurements extends TimeWindow {
  readonly data: ChartData | undefined;
  /** Names of all series that came. */
  readonly names: readonly string[];
  readonly problem: Problem | undefined;
  readonly reload: () => void;
}

/** Host series, the disks, and what each service of an app uses. */
const asked = (host: readonly string[]) => [
  ...host.filter((name) => !name.startsWith("disk/")),
  "disk/*/used_bytes",
  "disk/*/total_bytes",
  "container/*/cpu_percent",
  "container/*/memory_bytes",
];

const namesIn = (values: readonly { readonly values: Readonly<Record<string, unknown>> }[]) => [
  ...new Set(values.flatMap((one) => Object.keys(one.values))),
];

/**
 * What is drawn for a view. A span that ends now is read again as often as there can be a new point; live samples come by
 * themselves.
 */
export function useMeasurements(view: ChartView, host: readonly string[], peers: Peers | undefined): Measurements {
  const { live, link } = useBeacon();
  const isLive = view.window === undefined && view.range === "live";
  const stored = useStored(isLive ? undefined : view, host, { peers, isLinked: link.value === "open" });
  if (!isLive) return stored;
  const samples = live.value;
  const names = namesIn(samples.slice(-1));
  const toMs = samples.at(-1)?.at ?? Date.now();
  return {
    names,
    data: samples.length === 0 ? undefined : chartOfSamples(samples, [...new Set([...host, ...names])]),
    fromMs: toMs - spanOf("live"),
    toMs,
    problem: undefined,
    reload: () => undefined,
  };
}

interface Around {
  readonly peers: Peers | undefined;
  readonly isLinked: boolean;
}

function useStored(view: ChartView | undefined, host: readonly string[], { peers, isLinked }: Around): Measurements {
  const { api } = useBeacon();
  const key = JSON.stringify([view?.window ?? view?.range, view?.compare, isLinked]);
  const { data, problem, reload } = useLoaded(async () => {
    if (view === undefined) return undefined;
    const { compare } = view;
    const nowMs = Date.now();
    const window = view.window ?? { fromMs: nowMs - spanOf(view.range), toMs: nowMs };
    const { fromMs, toMs } = window;
    const wanted = asked(host);
    const other = async () => {
      if (compare === undefined) return undefined;
      if (compare.to === "beacon") return { byMs: 0, view: await peers?.metrics(compare.beacon, fromMs, toMs, wanted) };
      const byMs = earlierMs[compare.to];
      return { byMs, view: await api.metrics(fromMs - byMs, toMs - byMs, wanted) };
    };
    const [own, compared] = await Promise.all([api.metrics(fromMs, toMs, wanted), other()]);
    const names = namesIn(own.points);
    const series = [...new Set([...host, ...names])];
    const mine = chartOfMetrics(own, series, window);
    const beside =
      compared?.view === undefined ? undefined : later(chartOfMetrics(compared.view, series), compared.byMs);
    return {
      key,
      comparison: JSON.stringify(compare),
      window,
      names,
      stepMs: own.stepMs,
      data: beside === undefined ? mine : besides(mine, beside),
    };
  }, key);
  const fresh = data?.key === key ? data : undefined;
  // What is there is shown in the new span until what belongs to it has come, but not as what it is not.
  const comparison = JSON.stringify(view?.compare);
  const drawn = data?.comparison === comparison ? data : undefined;
  const everyMs = Math.max(fresh?.stepMs ?? 10_000, 10_000);
  const isMoving = view !== undefined && view.window === undefined;
  useEffect(() => {
    if (!isMoving) return undefined;
    const timer = setInterval(reload, everyMs);
    return () => clearInterval(timer);
  }, [isMoving, everyMs, reload]);
  const window = fresh?.window ??
    view?.window ?? { fromMs: Date.now() - spanOf(view?.range ?? "15m"), toMs: Date.now() };
  return { data: drawn?.data, names: drawn?.names ?? [], ...window, problem, reload };
}
