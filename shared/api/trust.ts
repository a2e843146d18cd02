import { z } from "zod";
import { Timestamp } from "../names.ts";
import { Me } from "./hub.ts";

/** Keys of one use as people see them, at `GET /api/keys` and `GET /api/token-keys`. */
export const KeysView = z.object({
  /** Id of the one that signs. */
  active: z.string(),
  /** Since when it signs; absent for the first one, which is as old as the hub. */
  since: Timestamp.optional(),
  /** Those before it that still count, oldest first, each until when. */
  before: z.array(z.object({ id: z.string(), until: Timestamp })),
});
export type KeysView = z.output<typeof KeysView>;

/** Somebody with an account, at `GET /api/people`. */
export const Person = Me.extend({
  /** Names of the beacons that are theirs. */
  beacons: z.array(z.string()),
});
export type Person = z.output<typeof Person>;
