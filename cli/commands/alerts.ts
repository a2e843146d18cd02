import { z } from "zod";
import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import { AlertRule } from "#shared/alerts/rule.ts";
import { AlertsView } from "#shared/api/alerts.ts";
import { readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { table } from "../table.ts";
import { duration, moment } from "../words.ts";

const words = "[--history] [--rules] [--json]";
const Rules = z.object({ rules: z.array(AlertRule) });

export const alerts: CliCommand = {
  name: "alerts",
  usage: words,
  summary: "show what is wrong on this beacon, what was, and what it is watched for",
  run: async (terminal) => {
    const options = { history: { type: "boolean" }, rules: { type: "boolean" }, json: { type: "boolean" } } as const;
    const { values, client } = readOptions(terminal, options, `alerts ${words}`);
    if (values.rules === true) {
      const { rules } = await client.get("alert-rules", Rules);
      terminal.print(values.json === true ? `${JSON.stringify({ rules })}\n` : table(ruleHead, rules.map(ruleRow)));
      return;
    }
    const view = await client.get("alerts", AlertsView);
    if (values.json === true) return terminal.print(`${JSON.stringify(view)}\n`);
    const shown = values.history === true ? view.history : view.firing;
    const none = values.history === true ? "Nothing was ever wrong.\n" : "Nothing is wrong.\n";
    terminal.print(shown.length === 0 ? none : table(head, shown.map(row)));
  },
};

const head = ["SINCE", "STATE", "FOR", "WHAT"];

const row = ({ kind, severity, firedAt, at, title }: AlertEvent) => [
  moment(firedAt),
  kind === "resolved" ? "over" : severity,
  duration((kind === "resolved" ? at : Date.now()) - firedAt),
  title,
];

const ruleHead = ["RULE", "SEVERITY", "WHEN", "FOR", "WHAT IS SAID"];

const ruleRow = ({ id, severity, measure, when, forMs, title }: AlertRule) => [
  id,
  severity,
  `${"series" in measure ? measure.series : `${measure.part} of ${measure.of}, %`} ${"above" in when ? `> ${when.above}` : `< ${when.below}`}`,
  duration(forMs),
  title,
];
