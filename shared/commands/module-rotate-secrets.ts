import { z } from "zod";
import { defineCommand } from "../command.ts";
import type { InstanceRecord } from "../instance.ts";
import { InstanceName, Timestamp } from "../names.ts";
import type { Observed } from "../observed.ts";
import { admitted } from "../plans/admission.ts";
import { planRecorded, recordOf } from "../plans/changes.ts";
import { instanceRecord } from "../plans/instance-record.ts";
import { fixedSecrets, keptSentence, planFormerSecretsRemoved, rotated } from "../plans/rotate.ts";
import { planUndone } from "../plans/undo.ts";
import type { Step } from "../steps.ts";

/**
 * Has every password of an instance that may be another one made anew after a time: those that it was given, and those of
 * its logins in the shared services. The new ones are kept beside the old ones until the record, written second to last,
 * says that all use them; taken back, the old ones count again.
 */
export const moduleRotateSecrets = defineCommand({
  name: "module.rotate-secrets",
  title: "Give a module new passwords",
  input: z.strictObject({ instance: InstanceName, after: Timestamp }),
  timed: true,
  lane: (want) => want.instance,
  plan: (want, seen) => {
    const record = instanceRecord(seen, want.instance);
    // Not "or later": a clock that was hours ahead and set right would have every change until then do nothing.
    const isDone = record.rotatedAfter === want.after;
    return admitted(record.resolved, seen, isDone ? planCleared(record, seen) : planRotated(record, want.after, seen));
  },
  notes: (want, seen) => {
    const { resolved } = instanceRecord(seen, want.instance);
    return fixedSecrets(resolved).length === 0 ? [] : [keptSentence(resolved)];
  },
  undo: (want, seen, id) => planUndone(want.instance, seen, id),
});

function planRotated({ resolved, desired }: InstanceRecord, after: number, seen: Observed): Step[] {
  const record = { ...recordOf(rotated(resolved), desired), rotatedAfter: after };
  return [
    ...planRecorded(record, seen).filter(({ kind }) => kind !== "instance.put"),
    { kind: "instance.put", record },
    ...planFormerSecretsRemoved(record.resolved, seen),
  ];
}

const planCleared = (record: InstanceRecord, seen: Observed): Step[] => [
  ...planRecorded(record, seen).filter(({ kind }) => kind !== "instance.put"),
  ...planFormerSecretsRemoved(record.resolved, seen),
];
