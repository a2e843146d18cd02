/** One of our series by Prometheus' conventions: https://prometheus.io/docs/practices/naming/ */
export interface PrometheusSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What a value of ours is multiplied by: ratios go from 0 to 1, times are in seconds. */
  readonly factor: number;
}

const DAY_SECONDS = 86_400;

/** Series that belong to something, by the pattern of their names in `shared/metrics/sample.ts`; labels in the order of its groups. */
const kinds = [
  { pattern: /^container\/([^/]+)\/([^/]+)\/([^/]+)$/, prefix: "wopr_container_", labels: ["app", "service"] },
  { pattern: /^disk\/(.*)\/([^/]+)$/, prefix: "wopr_filesystem_", labels: ["mountpoint"] },
  { pattern: /^temperature\/(.*)\/([^/]+)$/, prefix: "wopr_temperature_", labels: ["sensor"] },
  { pattern: /^certificate\/(.*)\/([^/]+)$/, prefix: "wopr_certificate_", labels: ["host"] },
] as const;

/** Base units in place of ours; a number of things has none. */
function unitOf(name: string): { name: string; factor: number } {
  if (name.endsWith("_percent")) return { name: name.replace(/_percent$/, "_ratio"), factor: 0.01 };
  if (name.endsWith("_days")) return { name: name.replace(/_days$/, "_seconds"), factor: DAY_SECONDS };
  return { name: name.replace(/_count$/, "").replace(/^load_(\d+)$/, "load$1"), factor: 1 };
}

/** The name, labels and unit under which a series is told to Prometheus; all of ours are gauges. */
export function prometheusSeries(series: string): PrometheusSeries {
  for (const { pattern, prefix, labels } of kinds) {
    const [matched, ...parts] = pattern.exec(series) ?? [];
    if (matched === undefined) continue;
    const { name, factor } = unitOf(parts.at(-1) ?? "");
    const values = labels.map((label, index) => [label, parts[index] ?? ""]);
    return { name: `${prefix}${legal(name)}`, labels: Object.fromEntries(values), factor };
  }
  const { name, factor } = unitOf(series);
  return { name: `wopr_${legal(name)}`, labels: {}, factor };
}

/** https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels */
const legal = (name: string) => name.replaceAll(/[^a-zA-Z0-9_]/g, "_");
