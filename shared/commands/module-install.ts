import { z } from "zod";
import { defineCommand } from "../command.ts";
import { resolveInstance } from "../modules/resolve.ts";
import { newestGenerations } from "../modules/secret-names.ts";
import { InstanceName, ModuleId } from "../names.ts";
import { admitted } from "../plans/admission.ts";
import { planRunning } from "../plans/changes.ts";
import { knownModule } from "../plans/known-module.ts";
import { planUndone } from "../plans/undo.ts";

/** Installs a module under a name, or brings an installed one to these parameters and to the beacon's version of it. */
export const moduleInstall = defineCommand({
  name: "module.install",
  title: "Install a module",
  input: z.strictObject({
    module: ModuleId,
    /** Name of the instance; the module's id when absent. */
    instance: InstanceName.optional(),
    /** What the owner sets; absent, an installed instance keeps its own and a new one takes the defaults. */
    parameters: z.record(z.string(), z.unknown()).optional(),
    /** Whether a failed install goes back to what ran before, or leaves all as evidence for the next attempt to take up. */
    onFailure: z.enum(["undo", "keep"]).optional(),
  }),
  lane: (want) => want.instance ?? want.module,
  plan: (want, seen) => {
    const instance = want.instance ?? want.module;
    const installed = seen.instances.find(
      ({ resolved: { name, module } }) => name === instance && module === want.module,
    );
    const parameters = want.parameters ?? installed?.resolved.parameters ?? {};
    // Data that was kept is opened with the newest secrets that were kept with it.
    const secretGenerations = installed?.resolved.secretGenerations ?? newestGenerations(seen.secrets[instance] ?? []);
    const answers = { instance, parameters, secretGenerations };
    const resolved = resolveInstance(knownModule(seen, want.module), answers, seen);
    return admitted(resolved, seen, planRunning(resolved, seen));
  },
  undo: (want, seen, id) => (want.onFailure === "keep" ? [] : planUndone(want.instance ?? want.module, seen, id)),
});
