import { z } from "zod";
import { defineCommand } from "../command.ts";
import { InstanceName } from "../names.ts";
import { installedModule, versionNotes } from "../plans/installed-module.ts";
import { instanceRecord } from "../plans/instance-record.ts";
import { planResolvedAgain } from "../plans/resolved-again.ts";
import { planUndone } from "../plans/undo.ts";

/**
 * Changes parameters of an installed instance, and nothing where they are set already. It stays at the version that it
 * was installed from, or was updated to last, whatever the beacon has to offer: that is what an update is for.
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
    const module = installedModule(seen, record);
    return planResolvedAgain(record, { module, parameters: merged(record.resolved.parameters, want.parameters) }, seen);
  },
  notes: (want, seen) => versionNotes(seen, instanceRecord(seen, want.instance)),
  undo: (want, seen, id) => planUndone(want.instance, seen, id),
});

const merged = (set: Readonly<Record<string, unknown>>, changes: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries({ ...set, ...changes }).filter(([, value]) => value !== null));
