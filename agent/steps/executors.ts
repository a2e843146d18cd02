import type { Step, StepKind } from "#shared/steps.ts";
import { container } from "./container.ts";
import type { Executors, StepContext } from "./context.ts";
import { database } from "./database.ts";
import { image } from "./image.ts";
import { instance } from "./instance.ts";
import { network } from "./network.ts";
import { redis } from "./redis.ts";
import { routes } from "./routes.ts";
import { secret } from "./secret.ts";
import { volume } from "./volume.ts";

/** One executor per kind of step: a missing one does not compile. */
const executors: Executors<StepContext> = {
  ...image,
  ...network,
  ...volume,
  ...secret,
  ...database,
  ...redis,
  ...container,
  ...routes,
  ...instance,
};

/** Carries one step out. The type parameter keeps step and executor paired. */
export const execute = <K extends StepKind>(context: StepContext, step: Step<K>): Promise<void> =>
  executors[step.kind](context, step);
