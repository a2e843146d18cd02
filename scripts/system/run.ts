import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execFileAsync = promisify(execFile);

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/**
 * Runs a program to its end and gives what it wrote to its standard output.
 * @throws {Error} with the program, its arguments and the end of what it wrote when it fails.
 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  try {
    const { stdout } = await execFileAsync(program, [...args], {
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    throw new Error(`${[program, ...args].join(" ")} failed:\n${outputOf(error)}`, { cause: error });
  }
}

function outputOf(error: unknown): string {
  const written = ["stdout", "stderr"].map((stream) =>
    error instanceof Error && stream in error ? String(Reflect.get(error, stream)) : "",
  );
  const lines = written.join("").trimEnd().split("\n").slice(-15).join("\n");
  return lines === "" && error instanceof Error ? error.message : lines;
}
