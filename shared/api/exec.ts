import { z } from "zod";
import { InstanceName, Timestamp } from "../names.ts";

/** Most bytes of what is typed in one word: base64 makes four characters of three bytes. */
export const MOST_INPUT_BYTES = 48 * 1024;

/** How many bytes of output may be on their way to a reader who has not said that they were shown. */
export const OUTPUT_WINDOW_BYTES = 256 * 1024;

const Cells = z.number().int().min(1).max(1000);

/** A program to be run in a container of an instance, with its input and output led to whoever asks. */
export const ExecRequest = z.strictObject({
  instance: InstanceName,
  /** The one that people open, or else the one that starts last, when absent. */
  service: z.string().min(1).max(63).optional(),
  /** Program and arguments; the best shell that the container has when absent. */
  command: z.array(z.string().max(8192)).min(1).max(200).optional(),
  /** Whether it gets a terminal of this size. Without one its two outputs come apart, and its input can end. */
  tty: z.boolean().default(true),
  columns: Cells.default(80),
  rows: Cells.default(24),
});
export type ExecRequest = z.output<typeof ExecRequest>;

/** What is said to a program that runs. */
export const ExecWord = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("input"), bytes: z.base64().max((MOST_INPUT_BYTES / 3) * 4) }),
  /** There will be no more input. */
  z.strictObject({ type: z.literal("eof") }),
  z.strictObject({ type: z.literal("resize"), columns: Cells, rows: Cells }),
  /** So many bytes of output were shown since the beginning: more may be sent. */
  z.strictObject({ type: z.literal("shown"), bytes: z.number().int().nonnegative() }),
]);
export type ExecWord = z.output<typeof ExecWord>;

/** Body of `POST exec/{session}`. */
export const ExecWords = z.strictObject({ words: z.array(ExecWord).min(1).max(100) });

/** What comes of a program, in this order: `opened`, `output` any number of times, `exit`. */
export const ExecItem = z.discriminatedUnion("type", [
  z.object({ type: z.literal("opened"), session: z.string(), container: z.string(), program: z.string() }),
  z.object({ type: z.literal("output"), stream: z.enum(["stdout", "stderr"]), bytes: z.base64() }),
  z.object({ type: z.literal("exit"), code: z.number().int() }),
]);
export type ExecItem = z.output<typeof ExecItem>;

/** Who ran what in which container, and when; never what was typed. */
export const ExecSession = z.object({
  id: z.string(),
  actor: z.string(),
  /** Like `notes/web`. */
  container: z.string(),
  /** Without its arguments. */
  program: z.string(),
  startedAt: Timestamp,
  endedAt: Timestamp.optional(),
  exitCode: z.number().int().optional(),
  /** Why it ended, where the program did not end by itself. */
  reason: z.string().optional(),
});
export type ExecSession = z.output<typeof ExecSession>;
