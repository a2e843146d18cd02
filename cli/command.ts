import type { ReadStream, WriteStream } from "node:tty";

/** What a command reaches of the process that runs it. */
export interface Terminal {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** For the answer. */
  readonly print: (text: string) => void;
  /** For people: progress and notes. */
  readonly say: (line: string) => void;
  /** Aborts when the person has enough. */
  readonly signal: AbortSignal;
  /** What the process was started with, for a program that is run elsewhere. */
  readonly streams: {
    readonly input: ReadStream;
    readonly output: WriteStream;
    readonly errors: WriteStream;
  };
  /** Ends with this exit code instead of 0. */
  readonly endWith: (code: number) => void;
}

/** One command of the command line. */
export interface CliCommand {
  /** The words that call it: `compose up`. */
  readonly name: string;
  /** What stands behind the name. */
  readonly usage: string;
  readonly summary: string;
  /** @throws {Problem} */
  readonly run: (terminal: Terminal) => Promise<void>;
}
