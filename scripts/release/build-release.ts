import { fileURLToPath } from "node:url";
import { buildWhenChanged } from "../build-when-changed.ts";
import { withMachineLock } from "../machine-lock.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Release {
  readonly what: "agent" | "hub";
  /** Folder, relative to the repository. */
  readonly output: string;
  /** Fills a folder that will be the release. */
  readonly into: (folder: string) => Promise<void>;
  readonly log: (line: string) => void;
}

/** Builds a release where its sources changed since the last time: one process of the machine at a time, the others wait for it. @returns its folder */
export const buildRelease = ({ what, output, into, log }: Release): Promise<string> =>
  withMachineLock(
    {
      name: `wopr-${what} ${root}`,
      timeoutMs: 120_000,
      onWait: () => log(`Another process is building the ${what}; waiting for it…`),
    },
    () =>
      buildWhenChanged({
        what: `the ${what}`,
        output,
        sources: [what, "mail", "shared", "ui", "package.json", `scripts/build-${what}.ts`, "scripts/release"],
        into,
        log,
      }),
  );
