import { z } from "zod";
import type { Settings } from "../store/settings.ts";

const SETTING = "hub-heard-at";
const WRITE_EVERY_MS = 600_000;

/** When the hub could last have told this beacon whose sessions are over. */
export interface HubContact {
  heardAt(): number;
  /** The link stands now. */
  heard(): void;
}

export function createHubContact(settings: Settings, now: () => number): HubContact {
  let written = settings.get(SETTING, z.number()) ?? 0;
  let heardAt = written;
  return {
    heardAt: () => heardAt,
    heard: () => {
      heardAt = now();
      if (Math.abs(heardAt - written) < WRITE_EVERY_MS) return;
      written = heardAt;
      settings.put(SETTING, written);
    },
  };
}
