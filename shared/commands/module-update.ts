import { z } from "zod";
import { defineCommand } from "../command.ts";
import { InstanceName } from "../names.ts";
import { instanceRecord } from "../plans/instance-record.ts";
import { knownModule } from "../plans/known-module.ts";
import { planResolvedAgain } from "../plans/resolved-again.ts";
import { planUndone } from "../plans/undo.ts";
import { Problem } from "../problem.ts";

/** Brings an instance to the beacon's version of its module, with the parameters that it has. */
export const moduleUpdate = defineCommand({
  name: "module.update",
  title: "Update a module",
  input: z.strictObject({
    instance: InstanceName,
    /** Refuses any other; the version that the beacon has when absent. */
    version: z.string().max(40).optional(),
  }),
  lane: (want) => want.instance,
  plan: (want, seen) => {
    const record = instanceRecord(seen, want.instance);
    const { parameters, module: id } = record.resolved;
    const module = knownModule(seen, id);
    const { version } = module.manifest;
    if (want.version !== undefined && want.version !== version) {
      throw new Problem("not_found", `this beacon has no version ${want.version} of ${id}`, {
        hint: `It has ${version}; a newer one may need a newer agent.`,
        details: { versions: [version] },
      });
    }
    return planResolvedAgain(record, { module, parameters }, seen);
  },
  notes: (want, seen) => {
    const { module, version } = instanceRecord(seen, want.instance).resolved;
    const available = knownModule(seen, module).manifest.version;
    return available === version ? [] : [`${want.instance} goes from version ${version} to ${available}.`];
  },
  undo: (want, seen, id) => planUndone(want.instance, seen, id),
});
