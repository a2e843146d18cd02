/** One measurement beside what it is compared with. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  /** Ours divided by the peer's; less is better. Absent where the peer's is nothing. */
  readonly ratio: number | undefined;
}

/** The rows as a Markdown table, so that it can stand in a document as it is. */
export const renderTable = (rows: readonly Row[]): string =>
  [
    "| what | WOPR | compared with | ratio |",
    "| --- | --- | --- | --- |",
    ...rows.map(({ what, ours, peer, ratio }) => `| ${what} | ${ours} | ${peer} | ${ratio?.toFixed(2) ?? ""} |`),
  ].join("\n");

/** The middle of some numbers. */
export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
