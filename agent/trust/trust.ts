import type { Enrolment } from "#shared/api/hub.ts";
import { createHubKeys, type HubKeys } from "../api/hub-keys.ts";
import type { Random } from "../backoff.ts";
import type { Identity } from "../identity.ts";
import type { Link } from "../link.ts";
import type { Log } from "../log.ts";
import { createSessions, type Sessions } from "../sessions.ts";
import type { AgentDatabase } from "../store/database.ts";
import type { Settings } from "../store/settings.ts";
import { type CommandKeys, createCommandKeys, forgetCommandKeys } from "./command-keys.ts";
import { createDeparture, type Departure, forgetDeparture } from "./departure.ts";
import { createHubContact } from "./hub-contact.ts";
import { createKeyRotation, KEY_LIFETIME_MS, type KeyRotation } from "./key-rotation.ts";
import { createLinkStatus, forgetRevocation, type LinkStatus } from "./link-status.ts";
import { createPeople, type People } from "./people.ts";

export interface TrustParts {
  readonly enrolment: Pick<Enrolment, "beacon" | "commandKeys">;
  /** Origin of the hub. */
  readonly hub: string;
  readonly db: AgentDatabase;
  readonly settings: Settings;
  readonly identity: Identity;
  readonly now: () => number;
  readonly random: Random;
  readonly log: Log;
}

/** Whom this beacon obeys and lets in, by which key it is known, and whether it still belongs to its hub. */
export interface Trust {
  readonly identity: Identity;
  /** Whoever has one of them commands this beacon. */
  readonly commandKeys: CommandKeys;
  /** Those that the hub signs visits of people with. */
  readonly hubKeys: HubKeys;
  readonly linkStatus: LinkStatus;
  readonly sessions: Sessions;
  readonly people: People;
  readonly rotation: KeyRotation;
  readonly departure: Departure;
  /** The hub has welcomed this agent. */
  readonly linked: (link: Link) => void;
  /** To be called now and then: notes that the hub is still there, and sees to a key that has become old. */
  readonly look: () => void;
}

export function createTrust({ enrolment, hub, db, settings, identity, now, random, log }: TrustParts): Trust {
  const { beacon } = enrolment;
  const commandKeys = createCommandKeys({ settings, enrolled: enrolment.commandKeys, now });
  const hubKeys = createHubKeys({ hub, settings, now, log });
  const linkStatus = createLinkStatus(settings, now);
  const contact = createHubContact(settings, now);
  const sessions = createSessions(db, now, contact.heardAt);
  const people = createPeople({ settings, sessions, beacon, commandKeys: commandKeys.current, log });
  const rotation = createKeyRotation({ identity, beacon, lifetimeMs: KEY_LIFETIME_MS, now, log });
  const departure = createDeparture({
    settings,
    identity,
    beacon,
    hub,
    commandKeys: commandKeys.current,
    forget: () => {
      commandKeys.forget();
      hubKeys.forget();
      sessions.endForeign();
      linkStatus.left();
    },
    now,
    random,
    log,
  });
  return {
    identity,
    commandKeys,
    hubKeys,
    linkStatus,
    sessions,
    people,
    rotation,
    departure,
    linked: (link) => {
      linkStatus.linked();
      contact.heard();
      rotation.attach(link);
    },
    look: () => {
      if (linkStatus.view().state === "linked") contact.heard();
      rotation.look();
    },
  };
}

/** Forgets what belongs to an enrolment that another one takes the place of. */
export function forgetTrust(settings: Settings): void {
  for (const forget of [forgetCommandKeys, forgetRevocation, forgetDeparture]) forget(settings);
}
