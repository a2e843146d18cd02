import { every } from "../every.ts";
import { createEnrolments } from "../fleet/enrolments.ts";
import type { Signer } from "../signer/signer.ts";
import type { Audit } from "../store/audit.ts";
import type { BeaconStore } from "../store/beacons.ts";
import type { Database } from "../store/database.ts";
import { createDepart, forgetLateSamples } from "../store/departed.ts";
import { createEnrolmentTokenStore } from "../store/enrolment-tokens.ts";
import { createRevokedPeople } from "../store/revoked-people.ts";
import type { Links } from "../ws/links.ts";
import { createDepartures } from "./departures.ts";
import { createPeople } from "./people.ts";
import { createTrust } from "./trust.ts";

export interface MembershipParts {
  readonly db: Database;
  readonly beacons: BeaconStore;
  readonly links: Links;
  readonly signer: Signer;
  readonly audit: Audit;
  /** Tells those who look that something about a beacon changed. */
  readonly announce: (beacon: string) => void;
  /** An agent came to be let in: it was, or was refused. */
  readonly onEnrolling: (beacon: string) => void;
  /** Origin of the hub. */
  readonly origin: string;
  /** Between two looks for what need not be remembered any more. */
  readonly pruneMs: number;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/** The parts of the hub that say which agents and which people belong to it: how they come, stay and go. */
export function createMembership(parts: MembershipParts) {
  const { db, beacons, links, signer, audit, announce, onEnrolling, origin, pruneMs, now, onError } = parts;
  const enrolments = createEnrolments({
    tokens: createEnrolmentTokenStore(db, now),
    beacons,
    signer,
    now,
    onEnrolled: (beacon) => {
      links.admit(beacon);
      onEnrolling(beacon);
    },
    onRefused: onEnrolling,
  });
  const people = createPeople({ revoked: createRevokedPeople(db, now), signer, links, now });
  const depart = createDepart(db, now);
  const departures = createDepartures({ beacons, depart, signer, links, announce, origin });
  const trust = createTrust({ beacons, enrolments, links, signer, people, departures, audit, announce, now });
  let loops: readonly (() => Promise<void>)[] = [];
  return {
    enrolments,
    people,
    departures,
    trust,
    start: () => {
      loops = [every(pruneMs, people.prune, onError), every(pruneMs, () => forgetLateSamples(db), onError)];
    },
    stop: async () => {
      await Promise.all(loops.map((stop) => stop()));
    },
  };
}
