import { hashOf } from "#shared/hash.ts";
import type { Vps, VpsLabels, VpsOrder } from "../provider.ts";

/** Of those that carry these labels the one of the latest round. */
export const newestWith = <Labelled extends Pick<Vps, "labels">>(
  labels: Partial<VpsLabels>,
  vpss: readonly Labelled[],
): Labelled | undefined =>
  vpss
    .filter((vps) => matches(vps.labels, labels))
    .sort((a, b) => Number(b.labels["wopr-round"]) - Number(a.labels["wopr-round"]))[0];

const matches = (have: VpsLabels, want: Partial<VpsLabels>) =>
  (want["wopr-beacon"] ?? have["wopr-beacon"]) === have["wopr-beacon"] &&
  (want["wopr-round"] ?? have["wopr-round"]) === have["wopr-round"];

/** Longest DNS label (RFC 1035, section 2.3.4). */
const LONGEST_NAME = 63;

/**
 * A name that nobody else in the account has, and that comes from the order alone: where a vendor wants names to be unique, a second
 * create is refused by itself, however close it is to the first.
 */
export function uniqueName({ name, labels }: Pick<VpsOrder, "name" | "labels">): string {
  const end = `-${hashOf(labels).slice(0, 8)}`;
  return `${name.slice(0, LONGEST_NAME - end.length)}${end}`;
}
