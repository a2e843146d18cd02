/** A name that is longer is nobody's slip of the pen, and costs much to compare. */
const LONGEST = 64;

/** The candidate that `name` was most likely meant to be; undefined when none is near. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined;
  const [best] = [...candidates]
    .filter((candidate) => candidate.length <= LONGEST)
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.ceil(candidate.length / 3))
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** " (did you mean x?)", or nothing. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const candidate = nearest(name, candidates);
  return candidate === undefined ? "" : ` (did you mean ${candidate}?)`;
}

/** Insertions, deletions and replacements of one character that turn `a` into `b` (Levenshtein distance). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [line, from] of [...a].entries()) {
    const next = [line + 1];
    for (const [column, to] of [...b].entries()) {
      const replaced = (row[column] ?? 0) + (from === to ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
