import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { Row } from "./table.ts";

export const HeapSizes = z.object({ beforeBytes: z.number(), afterBytes: z.number(), reconciles: z.number() });

/** The heap after 1,000 reconciles, in a process of its own, beside what it was before them. */
export async function benchMemory(): Promise<Row[]> {
  const script = join(import.meta.dirname, "reconciles.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script]);
  const { beforeBytes, afterBytes, reconciles } = HeapSizes.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
  const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MB`;
  return [
    {
      what: `heap after ${reconciles} more reconciles`,
      ours: `${mb(afterBytes)} (${afterBytes >= beforeBytes ? "+" : ""}${mb(afterBytes - beforeBytes)})`,
      peer: `${mb(beforeBytes)} before them; 2 MB more at most`,
      ratio: afterBytes / beforeBytes,
    },
  ];
}
