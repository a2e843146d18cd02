import { Problem } from "#shared/problem.ts";
import type { HubConfig } from "../config.ts";
import type { Bootstrap, Provider, UserData } from "../providers/provider.ts";
import type { Releases } from "../releases/releases.ts";
import { renderUserData } from "./user-data.ts";

/** What a VPS gets that runs no user data: its provider makes it a beacon by itself. */
const nothing: UserData = { cloudConfig: "#cloud-config\n{}\n", script: "#!/bin/bash\n" };

/**
 * Gives what a new VPS runs at its first start, made of the release that the hub offers at that moment.
 * @returns a function that throws `unavailable` while the hub has no release to offer
 */
export function createFirstStart(
  { providers, newBeacons }: Pick<HubConfig, "providers" | "newBeacons">,
  releases: Releases | undefined,
) {
  return async ({ hub, enrolmentToken }: Bootstrap, provider: Pick<Provider, "name">): Promise<UserData> => {
    const needsNone = provider.name === "local" && providers.local?.mode !== "container";
    if (releases !== undefined)
      return renderUserData({ hub, enrolmentToken, ...newBeacons, ...(await releases.facts()) });
    if (needsNone) return nothing;
    throw new Problem("unavailable", "new servers cannot be set up: this hub has no release to offer", {
      hint: "Build one with npm run build, and name its folder and key in the configuration, as releases.",
    });
  };
}
