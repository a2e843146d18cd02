// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.
import { beaconResume } from "./beacon-resume.ts";
import { beaconSuspend } from "./beacon-suspend.ts";
import { moduleConfigure } from "./module-configure.ts";
import { moduleInstall } from "./module-install.ts";
import { moduleRemove } from "./module-remove.ts";
import { moduleRestart } from "./module-restart.ts";
import { moduleRotateSecrets } from "./module-rotate-secrets.ts";
import { moduleStart } from "./module-start.ts";
import { moduleStop } from "./module-stop.ts";
import { moduleUpdate } from "./module-update.ts";

export const commands = [
  beaconResume,
  beaconSuspend,
  moduleConfigure,
  moduleInstall,
  moduleRemove,
  moduleRestart,
  moduleRotateSecrets,
  moduleStart,
  moduleStop,
  moduleUpdate,
] as const;
