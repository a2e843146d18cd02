import { z } from "zod";
import { Id, Timestamp } from "../names.ts";

/** Ways in which the ledgers of hub and beacon can contradict each other, what each means, and what to do. */
export const differences = {
  "missing-on-beacon": {
    meaning: "The beacon had this command and does not know it any more: its journal is another one than it was.",
    advice: "If the server was put back from a copy, look at what runs on it; what the hub shows as done may not be.",
  },
  "missing-on-hub": {
    meaning: "The beacon did this on a statement signed by the hub's key, and the hub does not know of it.",
    advice:
      "If the hub was put back from a copy, this is from after it. If not, somebody else has its key: rotate it now.",
  },
  "never-sent": {
    meaning: "The beacon has a command that the hub never sent.",
    advice:
      "If the hub was put back from a copy, this is from after it. If not, somebody else has its key: rotate it now.",
  },
  "ended-differently": {
    meaning: "Both have an ending of this command, and not the same one.",
    advice: "What the beacon says is what happened there. Look at the app that the command was about.",
  },
  "result-gone": {
    meaning: "The hub had confirmed the result of this command, and does not have it.",
    advice:
      "The hub was put back from a copy. It asks again when the beacon connects the next time: restart the agent.",
  },
  "goes-on": {
    meaning: "The hub has an ending of a command that still goes on on the beacon.",
    advice: "The beacon's journal was put back from a copy, and does again what was done. Look at what it does.",
  },
  "other-time": {
    meaning: "Both have the same ending, at another time.",
    advice: "A clock was set while the command ran. Check the time synchronisation of both.",
  },
  "done-twice": {
    meaning: "The beacon began or ended this command twice.",
    advice: "This must not happen: please report it, with the output of `wopr audit` on the beacon.",
  },
} as const;

const [first, ...others] = ["missing-on-beacon", ...Object.keys(differences)];

export const Difference = z.object({
  command: Id,
  name: z.string(),
  kind: z.enum([first ?? "", ...others]),
  /** What either says. */
  hub: z.string(),
  beacon: z.string(),
  meaning: z.string(),
  advice: z.string(),
});
export type Difference = z.output<typeof Difference>;

/** What came out of comparing the ledgers of the hub and of one beacon. */
export const LedgerAudit = z.object({
  at: Timestamp,
  beacon: Id,
  /** The beacon's clock minus the hub's, in milliseconds, as far as a message's time on its way lets it be seen. */
  clockAheadMs: z.number().int(),
  /** How many commands either has. */
  onHub: z.number().int(),
  onBeacon: z.number().int(),
  /** Of those, how many were given on the beacon itself. */
  local: z.number().int(),
  differences: z.array(Difference),
});
export type LedgerAudit = z.output<typeof LedgerAudit>;
