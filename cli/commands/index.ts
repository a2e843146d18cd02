import type { CliCommand } from "../command.ts";
import { alerts } from "./alerts.ts";
import { audit } from "./audit.ts";
import { billingSync } from "./billing.ts";
import { changes } from "./change-instance.ts";
import { composeConfig } from "./compose-config.ts";
import { composeDown } from "./compose-down.ts";
import { composePlan } from "./compose-plan.ts";
import { composePs } from "./compose-ps.ts";
import { composeUp } from "./compose-up.ts";
import { configure } from "./configure.ts";
import { exec } from "./exec.ts";
import { hubCommands } from "./hub.ts";
import { hubLifecycleCommands } from "./hub-lifecycle.ts";
import { install } from "./install.ts";
import { leave } from "./leave.ts";
import { loginLink } from "./login-link.ts";
import { logs } from "./logs.ts";
import { metrics } from "./metrics.ts";
import { modules } from "./modules.ts";
import { reconcile } from "./reconcile.ts";
import { remove } from "./remove.ts";
import { rotateKey } from "./rotate-key.ts";
import { stats } from "./stats.ts";
import { status } from "./status.ts";

/** Every command. */
export const commands: readonly CliCommand[] = [
  status,
  modules,
  install,
  configure,
  ...changes,
  remove,
  logs,
  exec,
  stats,
  metrics,
  alerts,
  audit,
  loginLink,
  rotateKey,
  leave,
  ...hubCommands,
  ...hubLifecycleCommands,
  billingSync,
  reconcile,
  composeConfig,
  composePlan,
  composeUp,
  composePs,
  composeDown,
];
