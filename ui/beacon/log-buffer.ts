import type { LogLine } from "#shared/api/beacon.ts";

export interface NumberedLine extends LogLine {
  readonly number: number;
}

const KEPT_LINES = 2_000;

/** Appends lines, numbered so that a list can tell them apart; the oldest go when there are too many. */
export function appendLines(known: readonly NumberedLine[], lines: readonly LogLine[]): NumberedLine[] {
  const first = (known.at(-1)?.number ?? 0) + 1;
  return [...known, ...lines.map((line, index) => ({ ...line, number: first + index }))].slice(-KEPT_LINES);
}

/** Terminal colours (ECMA-48 control sequences) mean nothing here. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what begins them.
export const plainText = (text: string): string => text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "");
