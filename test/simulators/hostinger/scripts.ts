import { execFileSync } from "node:child_process";

/** "Maximum script size is 48KB." */
const MAX_BYTES = 48 * 1024;

export interface HostingerScript {
  readonly id: number;
  readonly createdAt: number;
  readonly name: string;
  readonly content: string;
}

/** What a machine would say of a post-install script; undefined when it would run it. */
export function scriptProblem(content: string): string | undefined {
  if (Buffer.byteLength(content) > MAX_BYTES) return "The content may not be greater than 48 kilobytes.";
  if (!content.startsWith("#!/bin/bash\n")) return "The content is no bash script.";
  try {
    // -n: read, and not run.
    execFileSync("/bin/bash", ["-n"], { input: content, stdio: ["pipe", "ignore", "pipe"] });
    return undefined;
  } catch (thrown) {
    return `The content is no bash script: ${String(thrown)}`;
  }
}
