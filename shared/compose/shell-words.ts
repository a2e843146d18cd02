const pieces =
  /(?<space>\s+)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|\\(?<escaped>.)|(?<bare>[^\s'"\\]+)|(?<open>.)/gs;

/**
 * Splits a command into words as a POSIX shell does, without expanding anything.
 * Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
 * @returns `undefined` when a quote is not closed.
 */
export function splitShellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (const { groups = {} } of text.matchAll(pieces)) {
    const { space, single, double, escaped, bare, open } = groups;
    if (open !== undefined) return undefined;
    if (escaped === "\n") continue;
    if (space === undefined) {
      const piece = single ?? double?.replace(/\\([$`"\\])/g, "$1").replace(/\\\n/g, "") ?? bare ?? escaped ?? "";
      word = (word ?? "") + piece;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}
