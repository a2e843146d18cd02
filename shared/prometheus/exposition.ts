import type { Sample } from "../metrics/sample.ts";
import { prometheusSeries } from "./series.ts";

export interface MetricFamily {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const exposition = (families: readonly MetricFamily[]): string =>
  families
    .filter(({ values }) => values.length > 0)
    .map(
      ({ name, type, help, values }) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${values.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`).join("")}`,
    )
    .join("");

/** One family without labels. */
export const single = (name: string, type: MetricFamily["type"], help: string, value: number): MetricFamily => ({
  name,
  type,
  help,
  values: [{ value }],
});

function labelText(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escaped = (value: string) => value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** The families of what was measured, of one or many beacons. @param labels Of all series of a sample. */
export function measuredFamilies(
  samples: Iterable<{ readonly values: Sample["values"]; readonly labels?: Readonly<Record<string, string>> }>,
): MetricFamily[] {
  const families = new Map<string, { labels: Record<string, string>; value: number }[]>();
  for (const { values, labels } of samples) {
    for (const [series, measured] of Object.entries(values)) {
      const { name, labels: own, factor } = prometheusSeries(series);
      const value = { labels: { ...labels, ...own }, value: scaled(measured, factor) };
      const known = families.get(name);
      if (known === undefined) families.set(name, [value]);
      else known.push(value);
    }
  }
  return [...families].map(([name, values]) => ({ name, type: "gauge", help: helpOf(name), values }));
}

/** Decimal noise of the multiplication is not measured. */
export const scaled = (value: number, factor: number): number =>
  factor === 1 ? value : Number((value * factor).toPrecision(12));

const helpOf = (name: string) => `${name.replace(/^wopr_/, "").replaceAll("_", " ")}, as a beacon measured it last`;
