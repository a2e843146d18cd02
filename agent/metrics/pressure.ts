import type { HostFiles } from "./host-files.ts";
import { type Meter, round2, type Values } from "./meter.ts";
import { createRates } from "./rates.ts";

const MICROSECONDS_PER_PERCENT_OF_A_SECOND = 10_000;

/** What may stall, and whether `some` tasks waited for it or all (`full`), by the series that tells it. */
const stalls = {
  pressure_cpu_percent: ["cpu", "some"],
  pressure_memory_percent: ["memory", "some"],
  pressure_memory_full_percent: ["memory", "full"],
  pressure_io_percent: ["io", "some"],
  pressure_io_full_percent: ["io", "full"],
} as const;

/** Microseconds stalled since the machine started: `some avg10=0.00 avg60=0.00 avg300=0.00 total=<µs>`. */
export function parseStalledMicroseconds(pressure: string, who: "some" | "full"): number | undefined {
  const total = new RegExp(`^${who} .*\\btotal=(\\d+)$`, "m").exec(pressure)?.[1];
  return total === undefined ? undefined : Number(total);
}

/**
 * The share of time in which tasks waited for CPU, memory or disks (PSI). Nothing on kernels before 4.20 or built without it.
 * https://docs.kernel.org/accounting/psi.html
 */
export function createPressureMeter(files: HostFiles): Meter {
  const rates = createRates();
  return (atMs) => {
    const values: Values = {};
    for (const [series, [resource, who]] of Object.entries(stalls)) {
      const total = parseStalledMicroseconds(files.read(`/proc/pressure/${resource}`) ?? "", who);
      const perSecond = total === undefined ? undefined : rates.perSecond(series, total, atMs);
      if (perSecond !== undefined)
        values[series] = round2(Math.min(100, perSecond / MICROSECONDS_PER_PERCENT_OF_A_SECOND));
    }
    return values;
  };
}
