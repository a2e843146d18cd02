import { z } from "zod";
import type { HubLink } from "#shared/api/beacon.ts";
import type { Problem } from "#shared/problem.ts";
import type { Settings } from "../store/settings.ts";

const SETTING = "revoked";
const Stored = z.object({ at: z.number(), dialledAt: z.number() });
/** How seldom a hub is asked that has shut this agent out. */
export const REVOKED_RETRY_MS = 3_600_000;

/** How the link to the hub is, for whoever asks on the beacon. That the hub has shut this agent out outlives the agent. */
export interface LinkStatus {
  view(): HubLink;
  linked(): void;
  /** @param waitMs Until it is tried again. */
  down(problem: Problem, waitMs: number): void;
  left(): void;
  /** How long to wait before the first try: an agent that is started again and again must not ask each time. */
  holdMs(): number;
}

export function createLinkStatus(settings: Settings, now: () => number): LinkStatus {
  let status: HubLink = { state: "away", since: now() };
  let revoked = settings.get(SETTING, Stored);
  if (revoked !== undefined) status = { state: "revoked", since: revoked.at };

  const change = (state: HubLink["state"], more: Partial<HubLink> = {}) => {
    status = { ...more, state, since: status.state === state ? status.since : now() };
  };
  return {
    view: () => status,
    linked: () => {
      change("linked");
      if (revoked !== undefined) settings.remove(SETTING);
      revoked = undefined;
    },
    down: (problem, waitMs) => {
      const isRevoked = problem.code === "beacon_revoked" || (revoked !== undefined && status.state === "revoked");
      change(isRevoked ? "revoked" : "away", { problem: problem.toJSON(), retryAt: now() + waitMs });
      if (problem.code !== "beacon_revoked") return;
      revoked = { at: revoked?.at ?? now(), dialledAt: now() };
      settings.put(SETTING, revoked);
    },
    left: () => change("left"),
    holdMs: () => {
      if (revoked === undefined) return 0;
      // A clock that was set back must not make it wait for ever.
      return Math.min(REVOKED_RETRY_MS, Math.max(0, revoked.dialledAt + REVOKED_RETRY_MS - now()));
    },
  };
}

/** Another enrolment is not shut out. */
export const forgetRevocation = (settings: Settings): void => settings.remove(SETTING);
