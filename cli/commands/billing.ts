import { SyncReport } from "#shared/api/billing.ts";
import { readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { hubClient } from "../hub-client.ts";

export const billingSync: CliCommand = {
  name: "billing sync",
  usage: "[--dry-run]",
  summary: "bring the products and prices at Stripe to what the catalog says",
  run: async (terminal) => {
    const options = { "dry-run": { type: "boolean" }, hub: { type: "string" } } as const;
    const { values } = readOptions(terminal, options, "billing sync [--dry-run]");
    const client = hubClient(terminal, values.hub);
    const { steps } = await client.post("billing/sync", { apply: false }, SyncReport);
    if (steps.length === 0) {
      terminal.say("Stripe has what the catalog says.");
      return;
    }
    terminal.print(`${steps.join("\n")}\n`);
    if (values["dry-run"] === true) return;
    const done = await client.post("billing/sync", { apply: true }, SyncReport);
    terminal.say(`Done: ${done.steps.length} ${done.steps.length === 1 ? "change" : "changes"}.`);
  },
};
