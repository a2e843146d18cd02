import { AlertsView } from "#shared/api/alerts.ts";
import { BeaconOverview } from "#shared/api/beacon.ts";
import { AgentStatus } from "#shared/api/status.ts";
import { Problem } from "#shared/problem.ts";
import type { BeaconClient } from "../beacon-client.ts";
import { readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { keepOnScreen } from "../on-screen.ts";
import { type Condition, findingsOf, LinkView, statusPage } from "../status-report.ts";

const words = "[--watch] [--json]";
/** Apart from 1, with which a command ends that could not be carried out. */
const SOMETHING_IS_WRONG = 3;

export const status: CliCommand = {
  name: "status",
  usage: words,
  summary: "show how this beacon is; ends with 3 when something needs a look",
  run: async (terminal) => {
    const options = { watch: { type: "boolean" }, json: { type: "boolean" } } as const;
    const { values, client } = readOptions(terminal, options, `status ${words}`);
    const page = async () => {
      const condition = await ask(client);
      const findings = findingsOf(condition);
      const isWrong = findings.some((finding) => finding.isWrong);
      terminal.endWith(isWrong ? SOMETHING_IS_WRONG : 0);
      return values.json === true
        ? `${JSON.stringify({ isWrong, findings, ...condition })}\n`
        : statusPage(condition, findings);
    };
    if (values.watch === true) await keepOnScreen(terminal, page);
    else terminal.print(await page());
  },
};

async function ask(client: BeaconClient): Promise<Condition> {
  const [overview, status, alerts, link] = await Promise.all([
    client.get("overview", BeaconOverview),
    client.get("status", AgentStatus),
    client.get("alerts", AlertsView),
    client.get("link", LinkView).catch(notSaid),
  ]);
  return { overview, status, alerts, link };
}

/** By an agent that is older than this command line. */
function notSaid(thrown: unknown): undefined {
  if (Problem.wrap(thrown).code !== "not_found") throw thrown;
}
