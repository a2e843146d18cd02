import { execFile } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface SmallDisk {
  readonly directory: string;
  /** Until nothing fits any more. */
  readonly fill: () => void;
  readonly empty: () => void;
  readonly remove: () => Promise<void>;
}

/** A file system of a few megabytes in memory (tmpfs(5)). Needs root. */
export async function mountSmallDisk(parent: string): Promise<SmallDisk> {
  const directory = mkdtempSync(join(parent, "disk-"));
  await run("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", directory]);
  const filler = join(directory, "filler");
  return {
    directory,
    fill: () => {
      const file = openSync(filler, "w");
      try {
        for (const size of [65_536, 1]) writeUntilFull(file, Buffer.alloc(size));
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(filler, { force: true }),
    remove: async () => {
      await run("umount", [directory]);
      rmSync(directory, { recursive: true });
    },
  };
}

function writeUntilFull(file: number, bytes: Buffer): void {
  try {
    while (writeSync(file, bytes) === bytes.length);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
