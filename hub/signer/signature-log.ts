import { appendFileSync } from "node:fs";
import { z } from "zod";
import type { Signature } from "./signer.ts";

const Told = z.object({
  beacon: z.string().exactOptional(),
  id: z.string().exactOptional(),
  name: z.string().exactOptional(),
  actor: z.string().exactOptional(),
});

/**
 * A file of what was signed, one line of JSON each: kind, beacon, id, name, actor and time, never what else it says. Lines are
 * only ever added, and a signature whose line cannot be written does not leave.
 */
export const createSignatureLog =
  (file: string, now: () => number) =>
  ({ kind, key, payload }: Signature): void => {
    const line = { at: new Date(now()).toISOString(), kind, key, ...Told.parse(payload) };
    appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  };
