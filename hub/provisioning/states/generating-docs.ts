import { Problem } from "#shared/problem.ts";
import { handbookOf } from "../../documents/handbook-facts.ts";
import { beaconOf } from "../beacon-of.ts";
import { handbookIdOf } from "../derived-ids.ts";
import { pauseMs } from "../pause.ts";
import type { State } from "../state.ts";

/** Writes the handbook, from what the beacon itself says is on it, and keeps it once. */
export const generatingDocs = {
  state: "GENERATING_DOCS",
  title: "Writing the handbook",
  attempts: 5,
  run: async (context, job) => {
    const { documents, modules, now, publicUrl, silenceMs } = context;
    const id = handbookIdOf(job.id);
    if (await documents.has(id)) return { next: "The handbook is written." };
    const beacon = await beaconOf(context, job);
    const { inventory } = beacon;
    const missing = job.purchase.modules.filter(
      (module) => inventory?.instances.every((one) => one.module !== module) ?? true,
    );
    if (inventory === undefined || missing.length > 0) {
      if (now() - job.enteredAt > silenceMs) return { fail: untold(beacon.name, missing) };
      return { wait: "the beacon to report what is installed", ms: pauseMs(job.enteredAt, now()) };
    }
    const createdAt = now();
    // With the first one: until then a hub does without the weight of what sets type.
    const { renderHandbook } = await import("../../documents/handbook.ts");
    const content = await renderHandbook(
      handbookOf({ beacon, inventory, modules: modules(), ordered: job.purchase.modules, publicUrl, createdAt }),
    );
    await documents.put({ id, beacon: beacon.id, kind: "handbook", content, createdAt });
    return { next: "The handbook is written." };
  },
} satisfies State;

const untold = (beacon: string, missing: readonly string[]) =>
  new Problem("timed_out", `${beacon} has not reported ${missing.join(", ") || "its inventory"} after installing it`, {
    hint: "See that the agent is connected and that nobody removed the app meanwhile; then retry.",
  });
