import { Problem } from "#shared/problem.ts";
import type { ServedDomain } from "../dns/dns.ts";
import { dayOf, type PlannedFinding } from "./planned-finding.ts";
import type { Books, Scene } from "./scene.ts";

/**
 * Domains that lead to servers which no beacon is on. Who gets that address next answers for the name. What is removed has led to the
 * server of a beacon that is in the books; of anything else nobody knows whose it is. Pure.
 */
export const planRecords = (scene: Scene): PlannedFinding[] =>
  scene.dns instanceof Problem ? [] : scene.dns.flatMap((served) => judge(served, scene) ?? []);

function judge({ domain, addresses }: ServedDomain, { books, zone, now, quietMs }: Scene): PlannedFinding | undefined {
  const name = domain.slice(0, -zone.length - 1);
  if (isInUse(name, books)) return undefined;
  const former = books.beacons.filter((one) => one.domain === domain);
  const orders = books.orders.filter(({ beaconName }) => beaconName === name);
  const endedAt = Math.max(
    ...former.map(({ removedAt = 0 }) => removedAt),
    ...orders.map(({ job }) => job?.finishedAt ?? 0),
    0,
  );
  if (now - endedAt < quietMs || former.some(({ id }) => books.busy.has(id))) return undefined;
  const led = former.find((one) => addresses.every((address) => one.addresses.includes(address)));
  const where = `${domain} and all below it lead to ${addresses.join(" and ")}`;
  return {
    ...{ id: `orphan-record:${domain}`, kind: "orphan-record", subject: domain, source: "dns" },
    title: `${domain} leads to a server of nobody’s`,
    detail:
      led === undefined
        ? `${where}, where no beacon of this hub has ever been.`
        : `${where}, where its beacon was until ${dayOf(endedAt)}. Who gets that address next answers for the name.`,
    hint:
      led === undefined
        ? "Another hub may use the same domain. If none does, remove its records of type A and AAAA."
        : "The hub takes both names away by itself every night, or now with --fix.",
    ...(led === undefined ? {} : { beacon: led.id, fix: { kind: "remove-records", domain } }),
  };
}

/** A beacon has it, also one that runs on without the hub; or an order that is not over, or has failed and can go on. */
const isInUse = (name: string, { beacons, orders }: Books) =>
  beacons.some((one) => one.name === name && (one.removedAt === undefined || one.leftAt !== undefined)) ||
  orders.some(
    ({ beaconName, job }) =>
      beaconName === name && job !== undefined && (job.finishedAt === undefined || job.state === "FAILED"),
  );
