import { ChartCard, type ChartFrame, type ChartLine } from "../charts/chart-card.tsx";
import { type ChartData, comparedName, lastOf } from "../charts/chart-data.ts";
import { ChartToolbar } from "../charts/chart-toolbar.tsx";
import {
  type ChartView,
  fitWindow,
  formatChartView,
  moved,
  parseChartView,
  type TimeWindow,
  zoomed,
} from "../charts/chart-view.ts";
import { Button } from "../components/button.tsx";
import { ProblemBox } from "../components/problem-box.tsx";
import { formatSize } from "../format.ts";
import { useRouter } from "../router.tsx";
import { AppCharts } from "./app-charts.tsx";
import { type Measure, measuresOf, seriesOf } from "./measures.ts";
import { rootDisk } from "./root-disk.ts";
import { type Peers, useMeasurements } from "./use-measurements.ts";

const host = seriesOf(measuresOf(rootDisk([])));

/** What was measured, over a span and beside what the reader picks. All of that stands in the address. */
export function MetricsPanel({ peers }: { peers?: Peers | undefined }) {
  const router = useRouter();
  const view = parseChartView(router.query.value);
  const measurements = useMeasurements(view, host, peers);
  const { data, names, fromMs, toMs, problem, reload } = measurements;
  const measures = measuresOf(rootDisk(names)).filter(
    ({ isExtra, lines }) => isExtra !== true || (view.all && lines.some(({ series }) => names.includes(series))),
  );
  const shown = { fromMs, toMs };
  const change = (to: ChartView) => router.show(formatChartView(to));
  const zoom = (window: TimeWindow | undefined) =>
    change({ ...view, window: window === undefined ? undefined : fitWindow(window, Date.now()) });
  const compared = data === undefined ? undefined : comparedTitle(view, peers);
  const frame: ChartFrame = {
    ...shown,
    data,
    asTable: view.asTable,
    onZoom: zoom,
    onKey: (key) => {
      const to = windowAfter(key, shown);
      if (to === undefined) return false;
      zoom(to === "now" ? undefined : to);
      return true;
    },
  };
  return (
    <>
      <section class="section" aria-label="Measurements">
        <div class="section-head">
          <h2>Measurements</h2>
        </div>
        <ChartToolbar view={view} shown={shown} others={peers?.list ?? []} onChange={change} />
        {problem === undefined ? null : (
          <ProblemBox problem={problem}>
            <Button icon="retry" onClick={reload}>
              Try again
            </Button>
          </ProblemBox>
        )}
        <div class="charts">
          {measures.map((measure) => (
            <MeasureCard key={measure.title} measure={measure} frame={frame} compared={compared} />
          ))}
        </div>
      </section>
      <AppCharts
        frame={frame}
        chosen={view.services}
        isCompared={compared !== undefined}
        onChoose={(services) => change({ ...view, services })}
      />
    </>
  );
}

interface MeasureCardProps {
  readonly measure: Measure;
  readonly frame: ChartFrame;
  /** Title of the lines that are compared with. */
  readonly compared: string | undefined;
}

function MeasureCard({ measure, frame, compared }: MeasureCardProps) {
  const { title, unit, total, least } = measure;
  const size = total === undefined || frame.data === undefined ? undefined : lastOf(frame.data, total);
  const own = measure.lines.map((line, colour): ChartLine => ({ ...line, colour }));
  const theirs = own.map(
    (line): ChartLine => ({
      ...line,
      series: comparedName(line.series),
      title: line.title === undefined ? compared : `${line.title}, ${compared}`,
      isCompared: true,
    }),
  );
  const lines =
    compared === undefined ? own : [...own.map((line) => ({ ...line, title: line.title ?? "now" })), ...theirs];
  return (
    <ChartCard
      title={title}
      lines={lines}
      frame={frame}
      top={measure.top ?? topOf(size, frame.data, lines)}
      least={least}
      of={size === undefined ? undefined : `of ${formatSize(size)}`}
      unit={unit}
    />
  );
}

/** As high as the whole, and as what is compared with where that is more. */
function topOf(size: number | undefined, data: ChartData | undefined, lines: readonly ChartLine[]): number | undefined {
  if (size === undefined || data === undefined) return undefined;
  const highest = lines.flatMap(({ series }) => data.columns[series]?.max ?? []).map((value) => value ?? 0);
  return highest.reduce((most, value) => Math.max(most, value), size);
}

function comparedTitle({ compare, window, range }: ChartView, peers: Peers | undefined): string | undefined {
  if (compare === undefined || (window === undefined && range === "live")) return undefined;
  if (compare.to !== "beacon") return `a ${compare.to} before`;
  return peers?.list.find(({ id }) => id === compare.beacon)?.name;
}

/** Keys on a chart: + and - zoom, PageUp and PageDown go back and on, Escape goes back to now. */
function windowAfter(key: string, shown: TimeWindow): TimeWindow | "now" | undefined {
  const nowMs = Date.now();
  if (key === "+" || key === "=") return zoomed(shown, 0.5, nowMs);
  if (key === "-") return zoomed(shown, 2, nowMs);
  if (key === "PageUp") return moved(shown, -0.5, nowMs);
  if (key === "PageDown") return moved(shown, 0.5, nowMs);
  return key === "Escape" ? "now" : undefined;
}
