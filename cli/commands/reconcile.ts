import { type Finding, ReconcileView } from "#shared/api/reconcile.ts";
import { formatMoney } from "#shared/money.ts";
import { readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { hubClient } from "../hub-client.ts";
import { table } from "../table.ts";
import { moment } from "../words.ts";

const words = "[--fix] [--json]";
/** Apart from 1, with which a command ends that could not be carried out. */
const SOMETHING_STANDS = 3;

export const reconcile: CliCommand = {
  name: "reconcile",
  usage: words,
  summary: "compare Stripe, the providers and the books of a hub; ends with 3 when something does not agree",
  run: async (terminal) => {
    const options = { fix: { type: "boolean" }, json: { type: "boolean" }, hub: { type: "string" } } as const;
    const { values } = readOptions(terminal, options, `reconcile ${words}`);
    const client = hubClient(terminal, values.hub);
    const view = await client.post("reconcile", { fix: values.fix === true }, ReconcileView);
    terminal.endWith(view.findings.length > 0 ? SOMETHING_STANDS : 0);
    if (values.json === true) {
      terminal.print(`${JSON.stringify(view)}\n`);
      return;
    }
    for (const { title, outcome } of view.fixed) terminal.say(`${title}: ${outcome}`);
    if (view.findings.length === 0) terminal.say("Stripe, the providers and the books agree.");
    else terminal.print(reportOf(view.findings));
  },
};

/** A line for each, what it costs together, and what there is to do about each. Pure. */
export function reportOf(findings: readonly Finding[]): string {
  const rows = findings.map(({ kind, subject, since, monthlyCents, currency }) => [
    kind,
    subject,
    monthlyCents === undefined || currency === undefined ? "" : formatMoney(monthlyCents, currency),
    moment(since),
  ]);
  const explained = findings.map(({ title, detail, hint, problem }) =>
    [title, detail, ...(problem === undefined ? [] : [`It failed last: ${problem.message}.`]), hint].join("\n  "),
  );
  return `${table(["WHAT", "WHICH", "A MONTH", "SINCE"], rows)}\n${explained.join("\n")}\n`;
}
