import { z } from "zod";
import { defineCommand } from "../command.ts";
import { InstanceName } from "../names.ts";
import { instanceRecord } from "../plans/instance-record.ts";
import { knownModule } from "../plans/known-module.ts";
import { planResolvedAgain } from "../plans/resolved-again.ts";
import { planUndone } from "../plans/undo.ts";

/**
 * Changes parameters of an installed instance, and nothing where they are set already. The beacon knows one version of a
 * module, so that an instance of an older one is brought to it as well: the plan shows it.
 */
export const moduleConfigure = defineCommand({
  name: "module.configure",
  title: "Change settings of a module",
  input: z.strictObject({
    instance: InstanceName,
    /** Those that change; the others keep their value, and `null` goes back to the default. */
    parameters: z.record(z.string(), z.unknown()),
  }),
  lane: (want) => want.instance,
  plan: (want, seen) => {
    const record = instanceRecord(seen, want.instance);
    const module = knownModule(seen, record.resolved.module);
    return planResolvedAgain(record, { module, parameters: merged(record.resolved.parameters, want.parameters) }, seen);
  },
  undo: (want, seen, id) => planUndone(want.instance, seen, id),
});

const merged = (set: Readonly<Record<string, unknown>>, changes: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries({ ...set, ...changes }).filter(([, value]) => value !== null));
