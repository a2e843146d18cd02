import { Problem } from "#shared/problem.ts";
import type { VpsLabels } from "../provider.ts";

/**
 * The labels as one part of a host name, for vendors that keep nothing but a name of a VPS: `wopr-r0-` and what follows `beacon_` in the
 * beacon's id, at most 44 characters with a round of one digit.
 * @throws {Problem} `internal` for an id that is none
 */
export function tagOf(labels: VpsLabels): string {
  const tag = `wopr-r${labels["wopr-round"]}-${labels["wopr-beacon"].replace(/^beacon_/, "")}`;
  if (labelsIn(tag)?.["wopr-beacon"] === labels["wopr-beacon"]) return tag;
  throw new Problem("internal", `the labels of ${labels["wopr-beacon"]} cannot be written as a name`);
}

/** The labels that stand in a name, whatever else does; undefined when it is none of ours. */
export function labelsIn(name: string): VpsLabels | undefined {
  const [, round, beacon] = /(?:^|[^a-z0-9-])wopr-r(\d{1,4})-([0-9a-f][0-9a-f-]{7,40})(?![a-z0-9-])/.exec(name) ?? [];
  if (round === undefined || beacon === undefined) return undefined;
  return { "wopr-beacon": `beacon_${beacon}`, "wopr-round": round };
}

/** A name for what is ours no more, and cannot be deleted: people still see whose it was. */
export const cancelledTagOf = (labels: VpsLabels): string => tagOf(labels).replace("wopr-r", "wopr-cancelled-r");
