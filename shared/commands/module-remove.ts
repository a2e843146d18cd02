import { z } from "zod";
import { defineCommand } from "../command.ts";
import { InstanceName } from "../names.ts";
import { planRemoved } from "../plans/changes.ts";
import { Problem } from "../problem.ts";

/** Removes an instance. Its data is kept for a later install under the same name, unless its name is typed again. */
export const moduleRemove = defineCommand({
  name: "module.remove",
  title: "Remove a module",
  input: z
    .strictObject({
      instance: InstanceName,
      data: z.enum(["keep", "delete"]).default("keep"),
      /** The name of the instance once more, when its data is to be deleted. */
      confirm: z.string().optional(),
    })
    .refine((want) => want.data === "keep" || want.confirm === want.instance, {
      path: ["confirm"],
      message: "expected the name of the instance, because its data will be deleted",
    }),
  lane: (want) => want.instance,
  plan: (want, seen) => {
    const users = seen.instances.filter(({ resolved }) => resolved.requires.includes(want.instance));
    if (users.length > 0) {
      const names = users.map(({ resolved }) => resolved.name).join(", ");
      throw new Problem("conflict", `${want.instance} is used by ${names}`, { hint: `Remove ${names} first.` });
    }
    return planRemoved(want.instance, seen, want.data);
  },
});
