import { execFile } from "node:child_process";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

export interface ShellResult {
  readonly status: number;
  readonly output: string;
}

/**
 * Runs a script in which the functions of `install.sh` are known, and nothing of it has run.
 * @param environment Variables of it that lead elsewhere than into this machine, and what the script reads
 */
export const withFunctions = (script: string, environment: Readonly<Record<string, string>>): Promise<ShellResult> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH, ...environment, WOPR_FUNCTIONS_ONLY: "yes" };
    execFile("sh", ["-c", `. "${join(root, "install.sh")}"\n${script}`], { env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
