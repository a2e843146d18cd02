import type { Ingest } from "../ingest/ingest.ts";
import type { CommandStore } from "../store/commands.ts";
import type { Links } from "../ws/links.ts";

export interface MetricsParts {
  readonly links: Pick<Links, "count">;
  readonly commands: Pick<CommandStore, "countByState">;
  readonly ingest: Pick<Ingest, "counters">;
}

/** The hub's own measurements in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export async function metricsPage({ links, commands, ingest }: MetricsParts): Promise<string> {
  const states = Object.entries(await commands.countByState());
  const { samples, repeated, refused } = ingest.counters;
  const memory = process.memoryUsage();
  return [
    ...family("wopr_beacons_online", "gauge", "Beacons with a link to the hub", { "": links.count() }),
    ...family(
      "wopr_commands",
      "gauge",
      "Commands by state",
      Object.fromEntries(states.map(([state, count]) => [`{state="${state}"}`, count])),
    ),
    ...family("wopr_samples_total", "counter", "Samples taken in since the start", {
      '{outcome="stored"}': samples,
      '{outcome="repeated"}': repeated,
      '{outcome="refused"}': refused,
    }),
    ...family("process_resident_memory_bytes", "gauge", "Memory of this process", { "": memory.rss }),
    ...family("process_heap_bytes", "gauge", "Heap in use", { "": memory.heapUsed }),
    ...family("process_uptime_seconds", "gauge", "Since the start", { "": Math.round(process.uptime()) }),
    "",
  ].join("\n");
}

const family = (name: string, type: "gauge" | "counter", help: string, values: Readonly<Record<string, number>>) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...Object.entries(values).map(([labels, value]) => `${name}${labels} ${value}`),
];
