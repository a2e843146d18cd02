import { MetricsView } from "#shared/api/beacon.ts";
import { chooseResolution } from "#shared/metrics/rollup.ts";
import { Sample } from "#shared/metrics/sample.ts";

const GB = 1024 ** 3;

/** Slow and fast waves with a little noise that is the same each time. */
function wave(at: number, slowMs: number, fastMs: number): number {
  const noise = Math.abs(Math.sin(at * 12.9898) * 43758.5453) % 1;
  return (
    0.55 + 0.25 * Math.sin((at / slowMs) * 2 * Math.PI) + 0.12 * Math.sin((at / fastMs) * 2 * Math.PI) + noise * 0.1
  );
}

/** What a beacon of 8 GB with a few apps would measure at a moment. */
export function fixtureValues(at: number): Record<string, number> {
  const busy = wave(at, 86_400_000, 1_700_000) * wave(at + 7, 600_000, 90_000);
  return {
    cpu_percent: Math.min(100, Math.max(0.5, busy * 38)),
    load_1: busy * 1.4,
    memory_used_bytes: (2.6 + wave(at, 43_200_000, 900_000) * 0.9) * GB,
    memory_total_bytes: 7.75 * GB,
    "disk///used_bytes": (21 + (at % 864_000_000) / 86_400_000) * GB,
    "disk///total_bytes": 80 * GB,
    network_received_bytes_per_second: busy * busy * 420_000,
    network_sent_bytes_per_second: busy * 90_000,
    uptime_seconds: 1_234_567,
    load_15: busy,
    disk_read_bytes_per_second: busy * 30_000,
    disk_written_bytes_per_second: busy * 220_000,
    "container/vaultwarden/server/cpu_percent": busy * 4,
    "container/vaultwarden/server/memory_bytes": 118 * 1024 ** 2,
    "container/umami/umami/cpu_percent": busy * 12,
    "container/umami/umami/memory_bytes": (280 + busy * 90) * 1024 ** 2,
    "container/postgresql/postgresql/cpu_percent": busy * 7,
    "container/postgresql/postgresql/memory_bytes": 190 * 1024 ** 2,
    "container/caddy/caddy/cpu_percent": busy,
    "container/caddy/caddy/memory_bytes": 40 * 1024 ** 2,
  };
}

/** What the apps among them would: live samples alone tell that. */
const appValues = {
  "container/vaultwarden/server/cpu_percent": 2.34,
  "container/vaultwarden/server/memory_bytes": 118 * 1024 ** 2,
  "container/vaultwarden/server/memory_limit_bytes": 256 * 1024 ** 2,
  "container/vaultwarden/server/network_received_bytes_per_second": 2048,
  "container/vaultwarden/server/network_sent_bytes_per_second": 30_720,
  "container/vaultwarden/server/disk_read_bytes_per_second": 0,
  "container/vaultwarden/server/disk_written_bytes_per_second": 4096,
  "container/umami/server/memory_bytes": 310 * 1024 ** 2,
};

export const fixtureSample = (at: number): Sample =>
  Sample.parse({ at, values: { ...fixtureValues(at), ...appValues } });

/** Stored metrics of a span, with nothing between `gapFrom` and `gapTo` milliseconds ago. */
export function fixtureMetrics(from: number, to: number, now: number): MetricsView {
  const { name, stepMs } = chooseResolution(from, to, now);
  const gapFrom = to - (to - from) * 0.42;
  const gapTo = to - (to - from) * 0.34;
  const points = [];
  for (let at = from - (from % stepMs); at <= to; at += stepMs) {
    if (at > gapFrom && at < gapTo) continue;
    const values = Object.entries(fixtureValues(at)).map(([series, value]) => {
      const spread = series === "cpu_percent" && stepMs > 10_000 ? 1.5 : 1;
      return [series, [value / spread, value, Math.min(value * spread, 100 ** (spread * 6)), stepMs / 10_000]];
    });
    points.push({ at, values: Object.fromEntries(values) });
  }
  const gaps = [{ from: Math.ceil(gapFrom), to: Math.floor(gapTo), reason: "beacon-off" }];
  return MetricsView.parse({ resolution: name, stepMs, points, gaps });
}
