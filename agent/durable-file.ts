import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Writes a file so that a reader, also after a power cut, finds either the old content or the new one, never a part:
 * a file beside it is written, forced to disk and given the name (https://man7.org/linux/man-pages/man2/fsync.2.html).
 */
export function putDurableFile(path: string, content: string | Uint8Array, mode: number): void {
  const beside = `${path}.new`;
  const file = openSync(beside, "w", mode);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameDurably(beside, path);
}

/** Gives a file another name in its folder, for good when it returns; what had that name is gone. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  const folder = openSync(dirname(to), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
