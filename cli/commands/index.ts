import type { CliCommand } from "../command.ts";
import { composeConfig } from "./compose-config.ts";
import { composeDown } from "./compose-down.ts";
import { composePlan } from "./compose-plan.ts";
import { composePs } from "./compose-ps.ts";
import { composeUp } from "./compose-up.ts";

/** Every command. */
export const commands: readonly CliCommand[] = [composeConfig, composePlan, composeUp, composePs, composeDown];
