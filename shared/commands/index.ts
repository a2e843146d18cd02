// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.
import { moduleInstall } from "./module-install.ts";
import { moduleRemove } from "./module-remove.ts";
import { moduleStart } from "./module-start.ts";
import { moduleStop } from "./module-stop.ts";

export const commands = [moduleInstall, moduleRemove, moduleStart, moduleStop] as const;
