import { z } from "zod";
import { parseOr } from "#shared/problem.ts";
import type { HubConfig } from "../config.ts";
import type { OwnProvider } from "./market.ts";

/** That of the smallest shares of the others where nobody has set one. */
const DEFAULT_WEIGHT = 10;
const share = { weight: z.number().int().min(0).max(1000).default(DEFAULT_WEIGHT) };

/**
 * The provider `local`, as it is configured, with its share of the orders. A hub without it does not load what speaks to Docker.
 * @returns `undefined` when it is not @throws {Problem} `invalid_input` for settings that are wrong
 */
export async function openOwnProvider({
  providers: { local },
}: Pick<HubConfig, "providers">): Promise<OwnProvider | undefined> {
  if (local === undefined) return undefined;
  const what = "the settings of the provider local";
  if (local.mode === "container") {
    const { LocalContainerSettings, localContainerProvider } = await import("./local/container-provider.ts");
    const { weight, ...settings } = parseOr(LocalContainerSettings.extend(share), local, what);
    return { provider: localContainerProvider(settings), weight, sizes: { t1: "t1", t2: "t2", t3: "t3" } };
  }
  const { LocalSettings, localProvider } = await import("./local.ts");
  const { weight, ...settings } = parseOr(LocalSettings.extend(share), local, what);
  return { provider: localProvider(settings), weight };
}
