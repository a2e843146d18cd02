import { ChartCard, type ChartFrame, type ChartLine } from "../charts/chart-card.tsx";
import { type ChartData, comparedName } from "../charts/chart-data.ts";
import { units } from "./measures.ts";

const MOST_LINES = 5;
const SHOWN_AT_FIRST = 3;

const cpuOf = (service: string) => `container/${service}/cpu_percent`;
const memoryOf = (service: string) => `container/${service}/memory_bytes`;

/** Pure: the services that were measured, those that used most memory first. */
export function servicesIn(data: ChartData | undefined): string[] {
  const found = Object.entries(data?.columns ?? {}).flatMap(([name, { mean }]) => {
    const service = /^container\/(.+)\/memory_bytes$/.exec(name)?.[1];
    const values = mean.flatMap((value) => value ?? []);
    if (service === undefined || values.length === 0) return [];
    return [{ service, mean: values.reduce((sum, value) => sum + value, 0) / values.length }];
  });
  return found.sort((a, b) => b.mean - a.mean).map(({ service }) => service);
}

/** `umami/umami` is said as `umami`. */
const shortName = (service: string) => {
  const [instance = "", name = ""] = service.split("/");
  return instance === name ? instance : `${instance} ${name}`;
};

export interface AppChartsProps {
  readonly frame: ChartFrame;
  readonly chosen: readonly string[] | undefined;
  /** Lines of another time or beacon are there, too. */
  readonly isCompared: boolean;
  readonly onChoose: (services: readonly string[]) => void;
}

/** What the services of apps use, side by side. */
export function AppCharts({ frame, chosen, isCompared, onChoose }: AppChartsProps) {
  const known = servicesIn(frame.data);
  if (known.length === 0) return null;
  const shown = (chosen ?? known.slice(0, SHOWN_AT_FIRST)).slice(0, MOST_LINES);
  const lines = (seriesOf: (service: string) => string) =>
    shown.flatMap((service, colour): ChartLine[] => {
      const line = { series: seriesOf(service), title: shortName(service), colour };
      // With several services there are lines enough.
      return isCompared && shown.length === 1
        ? [line, { ...line, series: comparedName(line.series), title: "then", isCompared: true }]
        : [line];
    });
  const toggle = (service: string) =>
    onChoose(shown.includes(service) ? shown.filter((one) => one !== service) : [...shown, service]);
  return (
    <section class="section" aria-label="What apps use">
      <div class="section-head">
        <h2>What apps use</h2>
      </div>
      <fieldset class="chips" aria-label="Services">
        {known.map((service) => (
          <button
            key={service}
            type="button"
            class="chip"
            aria-pressed={shown.includes(service)}
            disabled={shown.length >= MOST_LINES && !shown.includes(service)}
            onClick={() => toggle(service)}
          >
            {shortName(service)}
          </button>
        ))}
      </fieldset>
      {shown.length === 0 ? (
        <p class="muted">Choose what to compare.</p>
      ) : (
        <div class="charts">
          <ChartCard title="CPU of services" lines={lines(cpuOf)} frame={frame} least={1} unit={units.percent} />
          <ChartCard title="Memory of services" lines={lines(memoryOf)} frame={frame} unit={units.bytes} />
        </div>
      )}
    </section>
  );
}
