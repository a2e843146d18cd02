import { BeaconEvent, MetricsView } from "#shared/api/beacon.ts";
import { AgentStatus } from "#shared/api/status.ts";
import { subjectOf } from "#shared/metrics/series-pattern.ts";
import { Problem } from "#shared/problem.ts";
import type { BeaconClient } from "../beacon-client.ts";
import { readOptions, wrongUsage } from "../beacon-options.ts";
import type { CliCommand, Terminal } from "../command.ts";
import { followBeacon } from "../follow-beacon.ts";
import { CLEAR } from "../on-screen.ts";
import { table } from "../table.ts";
import { parseSpan, sparkline, valueWords } from "../words.ts";

const words = "[SERIES…] [--since 6h] [--live] [--json]";
const usage = `metrics ${words}`;
const SPARKS = 48;

export const metrics: CliCommand = {
  name: "metrics",
  usage: words,
  summary: "show what is measured now, each second with --live, or its course with --since",
  run: async (terminal) => {
    const options = { since: { type: "string" }, live: { type: "boolean" }, json: { type: "boolean" } } as const;
    const { values, words: given, client } = readOptions(terminal, options, usage);
    const asked: Asked = {
      terminal,
      client,
      patterns: given.length === 0 ? undefined : given,
      isJson: values.json === true,
    };
    if (values.live === true) return live(asked);
    if (values.since === undefined) return now(asked);
    const spanMs = parseSpan(values.since);
    if (spanMs === undefined || spanMs === 0)
      throw wrongUsage(`${values.since} is no span of time like 90s, 15m, 6h or 7d`, usage);
    return course(asked, spanMs);
  },
};

interface Asked {
  readonly terminal: Terminal;
  readonly client: BeaconClient;
  /** Names, with `*` for any text in one place; those of the machine when absent. */
  readonly patterns: readonly string[] | undefined;
  readonly isJson: boolean;
}

/** What services use has a command of its own: `wopr stats`. */
const isWanted = (series: string, patterns: Asked["patterns"]) =>
  patterns === undefined
    ? !series.startsWith("container/")
    : patterns.some((pattern) => subjectOf(pattern, series) !== undefined);

function pick<Value>(values: Readonly<Record<string, Value>>, { patterns }: Asked): [string, Value][] {
  const picked = Object.entries(values).filter(([series]) => isWanted(series, patterns));
  if (picked.length > 0 || patterns === undefined) return picked.sort(([a], [b]) => (a < b ? -1 : 1));
  throw new Problem("not_found", `nothing that was measured is called ${patterns.join(" or ")}`, {
    hint: "See: wopr metrics. A name may have a * in one place: wopr metrics 'disk/*'",
  });
}

const pageOf = (values: Readonly<Record<string, number>>, asked: Asked) =>
  table(
    ["SERIES", "NOW"],
    pick(values, asked).map(([series, value]) => [series, valueWords(series, value)]),
  );

async function now(asked: Asked): Promise<void> {
  const { sample } = await asked.client.get("status", AgentStatus);
  if (sample === undefined) {
    throw new Problem("unavailable", "nothing was measured in the last two minutes", {
      hint: "Try it again in a few seconds.",
    });
  }
  const json = () => `${JSON.stringify({ at: sample.at, values: Object.fromEntries(pick(sample.values, asked)) })}\n`;
  asked.terminal.print(asked.isJson ? json() : pageOf(sample.values, asked));
}

async function live(asked: Asked): Promise<void> {
  const { terminal, client, isJson } = asked;
  for await (const { event, data } of followBeacon(client, terminal.signal)) {
    if (event !== "live") continue;
    const { at, values } = BeaconEvent.live.parse(JSON.parse(data));
    if (isJson) terminal.print(`${JSON.stringify({ at, values: Object.fromEntries(pick(values, asked)) })}\n`);
    else terminal.print(`${terminal.streams.output.isTTY === true ? CLEAR : ""}${pageOf(values, asked)}`);
  }
}

async function course(asked: Asked, spanMs: number): Promise<void> {
  const { terminal, client, patterns, isJson } = asked;
  const to = Date.now();
  const query = new URLSearchParams({ from: String(to - spanMs), to: String(to) });
  if (patterns !== undefined) query.set("series", patterns.join(","));
  const view = await client.get(`metrics?${query}`, MetricsView);
  if (isJson) return terminal.print(`${JSON.stringify(view)}\n`);
  const names = new Map(view.points.flatMap(({ values }) => Object.keys(values)).map((series) => [series, true]));
  const rows = pick(Object.fromEntries(names), asked).map(([series]) => {
    const spans = view.points.flatMap(({ at, values }) => {
      const [min, mean, max] = values[series] ?? [];
      return min === undefined || mean === undefined || max === undefined ? [] : [{ at, min, mean, max }];
    });
    const cells = Array.from({ length: SPARKS }, (_, nth) => {
      const from = to - spanMs + (spanMs / SPARKS) * nth;
      const within = spans.filter(({ at }) => at >= from - view.stepMs / 2 && at < from + spanMs / SPARKS);
      return within.length === 0 ? undefined : mean(within.map((span) => span.mean));
    });
    return [
      series,
      ...[
        Math.min(...spans.map(({ min }) => min)),
        mean(spans.map((span) => span.mean)),
        Math.max(...spans.map(({ max }) => max)),
      ].map((value) => valueWords(series, value)),
      sparkline(cells),
    ];
  });
  terminal.print(table(["SERIES", "LOWEST", "MEAN", "HIGHEST", "COURSE"], rows));
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
