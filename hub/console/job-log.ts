import type { JobView } from "#shared/api/hub.ts";
import { formatMoney } from "#shared/money.ts";
import type { ProblemBody } from "#shared/problem.ts";
import { formatDuration } from "#ui/format.ts";

const timeOf = (at: number) => new Date(at).toISOString();

/** Pure: all that is known of a job, as a text to be kept or sent to somebody. Times are UTC. */
export function jobLog(job: JobView): string {
  const { id, purchase, beaconName, email, state, sale, modules, events, problem, waitingFor } = job;
  return [
    `job       ${id}`,
    `purchase  ${purchase}`,
    `beacon    ${beaconName}${job.beacon === undefined ? "" : ` (${job.beacon})`}`,
    `owner     ${email}`,
    ...(sale === undefined
      ? []
      : [`bought    ${sale.bundle} ${sale.tier}, ${formatMoney(sale.monthlyCents, sale.currency)} a month`]),
    `apps      ${modules.length === 0 ? "none" : modules.join(", ")}`,
    `state     ${state}${waitingFor === undefined ? "" : `, waiting for ${waitingFor}`}`,
    "",
    ...events.flatMap((event) => {
      const took = event.durationMs === undefined ? "" : ` (after ${formatDuration(event.durationMs)})`;
      const line = `${timeOf(event.at)}  ${event.state.padEnd(16)}  ${event.message}${took}`;
      return event.problem === undefined ? [line] : [line, ...problemLines(event.problem)];
    }),
    ...(problem === undefined || events.some((event) => event.problem?.message === problem.message)
      ? []
      : ["", "now", ...problemLines(problem)]),
    "",
  ].join("\n");
}

const problemLines = ({ code, message, hint, details }: ProblemBody): string[] => [
  `    ${code}: ${message}`,
  ...(hint === undefined ? [] : [`    ${hint}`]),
  ...Object.entries(details ?? {}).map(
    ([key, value]) => `    ${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  ),
];
