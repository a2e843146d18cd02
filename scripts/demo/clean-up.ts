import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { type LocalSettings, localProvider } from "#hub/providers/local.ts";

/**
 * Removes every beacon that the provider `local` made with these settings: its agent, its containers, its data. The
 * agents' logs stay, as `<id>.agent.log` in `logFolder`.
 */
export async function removeBeacons(settings: LocalSettings, logFolder: string): Promise<void> {
  const provider = localProvider(settings);
  for (let vps = await provider.find({}); vps !== undefined; vps = await provider.find({})) {
    await copyFile(join(settings.root, vps.id, "agent.log"), join(logFolder, `${vps.id}.agent.log`));
    await provider.remove(vps.id);
  }
}
