import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The kernel's own files (`/proc`, `/sys`), which are in memory: reading them takes microseconds and no process. */
export interface HostFiles {
  /** @param path Absolute, for example `/proc/stat`. `undefined` when it cannot be read. */
  readonly read: (path: string) => string | undefined;
  readonly list: (path: string) => readonly string[];
  readonly exists: (path: string) => boolean;
  /** Milliseconds since the epoch; undefined when there is no such file. */
  readonly modifiedAt: (path: string) => number | undefined;
}

/** @param root Where `/` is: another folder in tests. */
export const createHostFiles = (root = "/"): HostFiles => ({
  read: (path) => {
    try {
      return readFileSync(join(root, path), "utf8");
    } catch {
      return undefined;
    }
  },
  list: (path) => {
    try {
      return readdirSync(join(root, path));
    } catch {
      return [];
    }
  },
  exists: (path) => existsSync(join(root, path)),
  modifiedAt: (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs,
});
