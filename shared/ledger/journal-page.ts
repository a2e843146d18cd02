import { z } from "zod";
import { CommandState, LedgerLine } from "../api/beacon.ts";
import { Id, Timestamp } from "../names.ts";

/** Commands of a page of a beacon's journal: a page stays well below the size of a frame. */
export const JOURNAL_PAGE_LENGTH = 200;

/** Certain commands, or all in the order in which they were accepted. */
export const JournalRequest = z.object({
  commands: z.array(Id).max(JOURNAL_PAGE_LENGTH).optional(),
  /** `next` of the page before. */
  after: z.number().int().nonnegative().optional(),
});
export type JournalRequest = z.output<typeof JournalRequest>;

/** A command as the beacon's journal has it. */
export const JournalRecord = z.object({
  id: Id,
  /** Of the hub's statement; `null` for a command that was given on the beacon itself. */
  sequence: z.number().int().nullable(),
  name: z.string(),
  actor: z.string(),
  state: CommandState,
  /** When the hub had confirmed its result. */
  acknowledgedAt: Timestamp.optional(),
  history: z.array(LedgerLine),
});
export type JournalRecord = z.output<typeof JournalRecord>;

export const JournalPage = z.object({
  /** The beacon's clock. */
  now: Timestamp,
  /** Highest sequence among what was forgotten because it is old. */
  forgottenSequence: z.number().int().nonnegative(),
  records: z.array(JournalRecord),
  /** Where the next page begins, when there is one. */
  next: z.number().int().optional(),
});
export type JournalPage = z.output<typeof JournalPage>;
