import { Problem } from "../problem.ts";

type Operator = "" | ":-" | "-" | ":?" | "?" | ":+" | "+";

/** A piece of a value: text as it stands, or a variable with what stands in for it. */
type Part = string | Variable;
interface Variable {
  readonly name: string;
  readonly operator: Operator;
  readonly word: readonly Part[];
}

export type Variables = Readonly<Record<string, string>>;

const operators: ReadonlySet<string> = new Set<Operator>(["", ":-", "-", ":?", "?", ":+", "+"]);
const isOperator = (text: string): text is Operator => operators.has(text);

const tokens =
  /\$\$|\$\{(?<braced>[A-Za-z_]\w*)(?<operator>:?[-?+]|(?=\}))|\$(?<plain>[A-Za-z_]\w*)|\$\{|[{}]|[^${}]+|\$/g;

/**
 * Fills variables into one value, in all forms of the Compose Specification. A variable that is not set is empty.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 * @throws {Problem} `compose_invalid` for a reference that is not well formed, and where `${NAME:?…}` is not set.
 */
export const interpolate = (text: string, variables: Variables): string => fill(parseParts(text), variables);

/** Names of the variables in a value, those in defaults included. */
export const variableNames = (text: string): string[] => namesOf(parseParts(text));

const namesOf = (parts: readonly Part[]): string[] =>
  parts.flatMap((part) => (typeof part === "string" ? [] : [part.name, ...namesOf(part.word)]));

const parseParts = (text: string): Part[] => readParts(text.matchAll(tokens), text, false);

/** Reads up to the end of `text` or, inside a reference, up to the brace that closes it. */
function readParts(matches: Iterator<RegExpExecArray>, text: string, inside: boolean): Part[] {
  const parts: Part[] = [];
  let depth = 0;
  for (let match = matches.next(); !match.done; match = matches.next()) {
    const [token] = match.value;
    const { braced, plain, operator = "" } = match.value.groups ?? {};
    if (token === "$$") parts.push("$");
    else if (plain !== undefined) parts.push({ name: plain, operator: "", word: [] });
    else if (braced !== undefined && isOperator(operator)) {
      parts.push({ name: braced, operator, word: readParts(matches, text, true) });
    } else if (token === "${") throw malformed(text);
    else if (inside && token === "}" && depth === 0) return parts;
    else {
      depth += token === "{" ? 1 : token === "}" ? -1 : 0;
      parts.push(token);
    }
  }
  if (inside) throw malformed(text);
  return parts;
}

const malformed = (text: string) =>
  new Problem("compose_invalid", `"${text}" holds a reference to a variable that is not well formed`, {
    hint: `Write it like \${NAME} or \${NAME:-default}, and a dollar sign of its own as $$.`,
  });

const fill = (parts: readonly Part[], variables: Variables): string =>
  parts.map((part) => (typeof part === "string" ? part : fillVariable(part, variables))).join("");

function fillVariable({ name, operator, word }: Variable, variables: Variables): string {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const counts = value !== undefined && !(operator.startsWith(":") && value === "");
  switch (operator) {
    case "":
      return value ?? "";
    case ":-":
    case "-":
      return counts ? value : fill(word, variables);
    case ":+":
    case "+":
      return counts ? fill(word, variables) : "";
    case ":?":
    case "?":
      if (counts) return value;
      throw new Problem("compose_invalid", `variable ${name} is not set: ${fill(word, variables)}`);
  }
}
