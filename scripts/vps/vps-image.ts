import { join } from "node:path";
import { withMachineLock } from "../machine-lock.ts";
import { makeBaseSystem, systemArguments } from "../stand-ins/base-system.ts";
import { connectImages, vpsRecipeLabel } from "../stand-ins/images.ts";
import { readRecipe, recipeHash } from "../stand-ins/recipe.ts";
import { shareControllers } from "./share-controllers.ts";

/** What the images of vendors bring, as far as a beacon is concerned. */
const packages = [
  ...["systemd", "systemd-sysv", "dbus", "libpam-systemd", "cloud-init", "openssh-server", "sudo"],
  ...["ca-certificates", "curl", "iproute2", "netbase", "procps", "kmod"],
];

const folder = join(import.meta.dirname, "image");

/**
 * Prepares this machine for VPSs that are containers: the image that they start from is made, once, and kept in the Docker Engine,
 * where every checkout on this machine finds it. Needs root's rights, a running engine and mmdebstrap.
 * @returns the image's name
 */
export async function ensureVpsImage({
  log,
  mmdebstrap = "mmdebstrap",
}: {
  readonly log: (line: string) => void;
  readonly mmdebstrap?: string;
}): Promise<string> {
  await shareControllers();
  const images = connectImages();
  const ingredients = systemArguments(packages, "finish.sh");
  const recipe = recipeHash(readRecipe(folder), ingredients);
  const name = `wopr/vps:${recipe}`;
  const lock = {
    name: "wopr-vps-image",
    timeoutMs: 600_000,
    onWait: () => log("Another process is making the image of a VPS; waiting for it…"),
  };
  await withMachineLock(lock, async () => {
    if (await images.has(name)) return;
    log("Making the image of a VPS, once…");
    const started = Date.now();
    const system = makeBaseSystem(mmdebstrap, systemArguments(packages, join(folder, "finish.sh")));
    await Promise.all([images.importTar(name, system.archive, `${vpsRecipeLabel}=${recipe}`), system.done()]);
    await images.removeBuilt(vpsRecipeLabel, (other) => other !== recipe);
    log(`Made the image of a VPS in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
  });
  return name;
}

if (import.meta.main) console.log(await ensureVpsImage({ log: (line) => console.error(line) }));
