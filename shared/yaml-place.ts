import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type Tags,
} from "yaml";
import { Problem, type ProblemCode } from "./problem.ts";

/** A YAML file and how it is read. */
export interface YamlSource {
  /** As it stands in messages. */
  readonly path: string;
  readonly text: string;
  /** Of the problems that are thrown. */
  readonly code: ProblemCode;
  /** Whether `!reset` and `!override` of the Compose Specification may stand before values. */
  readonly mergeTags?: boolean;
  /** Applied to every text before anybody reads it; may throw a `Problem`. */
  readonly fill?: (text: string) => string;
}

/** A file that is longer is not read, and one that is nested deeper neither. */
const MOST_CHARACTERS = 2 ** 20;
const DEEPEST = 100;
/** Characters of a value in a message. */
const MOST_SHOWN = 200;

/** Tags of https://github.com/compose-spec/compose-spec/blob/main/13-merge.md, on any kind of value. */
const mergeTags = ["!reset", "!override"].flatMap(
  (tag): Tags => [
    { tag, resolve: (text: string) => text },
    { tag, collection: "map" },
    { tag, collection: "seq" },
  ],
);

interface File extends YamlSource {
  readonly resolve: (node: Node | null | undefined) => Node | null;
  readonly lineOf: (offset: number) => number;
}

/**
 * Reads a YAML 1.2 file with one document.
 * @throws {Problem} `source.code` with file and line when it is not YAML.
 */
export function parseYaml(source: YamlSource): Place {
  const refuse = (line: number, sentence: string) =>
    new Problem(source.code, `${source.path}:${line}: ${sentence}`, { details: { file: source.path, line, path: "" } });
  if (source.text.length > MOST_CHARACTERS) throw refuse(1, "is longer than 1 MiB");
  const deep = tooDeep(source.text);
  if (deep !== undefined) throw refuse(deep, `is nested more than ${DEEPEST} levels deep`);
  const lines = new LineCounter();
  const document = parseDocument(source.text, {
    lineCounter: lines,
    merge: true,
    stringKeys: true,
    prettyErrors: false,
    ...(source.mergeTags ? { customTags: mergeTags } : {}),
  });
  const file: File = {
    ...source,
    resolve: (node) => (isAlias(node) ? (node.resolve(document) ?? null) : (node ?? null)),
    lineOf: (offset) => lines.linePos(offset).line,
  };
  const root = new Place(file, document.contents, { line: 1, path: "" });
  const [defect] = [...document.errors, ...document.warnings];
  if (defect !== undefined) throw refuse(file.lineOf(defect.pos[0]), defect.message);
  root.attempt(() => document.toJS({ maxAliasCount: 100 }));
  return root;
}

/** The line where brackets, or dashes that begin lists in lists, are nested deeper than anybody writes by hand. */
function tooDeep(text: string): number | undefined {
  for (const [index, line] of text.split("\n").entries()) {
    const indent = /^[\s-]*/.exec(line)?.[0].replaceAll(/\s/g, "").length ?? 0;
    if (indent > DEEPEST || /^ {1000}/.test(line)) return index + 1;
  }
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (bracket === "[" || bracket === "{" ? 1 : -1));
    if (depth > DEEPEST) return text.slice(0, index).split("\n").length;
  }
  return undefined;
}

interface Position {
  readonly line: number;
  readonly path: string;
  /** Paths of what is to be read as if it were not there. */
  readonly hidden?: ReadonlySet<string>;
}

/** One value in a YAML file. It knows its line and the path to it, so that whoever reads it can say what is wrong there. */
export class Place {
  readonly line: number;
  /** For example `services.web.ports[0]`; empty for the whole file. */
  readonly path: string;
  readonly #file: File;
  readonly #node: Node | null;
  readonly #hidden: ReadonlySet<string>;

  constructor(file: File, node: Node | null, { line, path, hidden = new Set() }: Position) {
    this.#file = file;
    this.#node = file.resolve(node);
    this.#hidden = hidden;
    this.line = line;
    this.path = path;
  }

  /** Path of the file, as it stands in messages. */
  get file(): string {
    return this.#file.path;
  }

  /** `reset` or `override`, where the value is marked so. */
  get mergeTag(): "reset" | "override" | undefined {
    const tag = this.#node?.tag;
    return tag === "!reset" ? "reset" : tag === "!override" ? "override" : undefined;
  }

  /** This value, without what lies at some paths below it. */
  hiding(paths: Iterable<string>): Place {
    const hidden = new Set([...this.#hidden, ...[...paths].map((path) => this.#below(path))]);
    return new Place(this.#file, this.#node, { line: this.line, path: this.path, hidden });
  }

  /** Whether what lies under `key` is to be read as if it were not there. */
  hides(key: string): boolean {
    return this.#hidden.size > 0 && this.#hidden.has(this.#below(key));
  }

  /** Paths below this one that are marked, with their marks. */
  mergeMarks(): { path: string; tag: "reset" | "override" }[] {
    if (this.kind !== "mapping") return [];
    return this.members("a mapping").flatMap(([key, value]) => {
      if (value.mergeTag !== undefined) return [{ path: key, tag: value.mergeTag }];
      return value.mergeMarks().map(({ path, tag }) => ({ path: `${key}.${path}`, tag }));
    });
  }

  /** @param sentence What is wrong, without naming the place. */
  wrong(sentence: string, hint?: string): Problem {
    const where = this.path === "" ? "" : ` ${this.path}:`;
    return new Problem(this.#file.code, `${this.#file.path}:${this.line}:${where} ${sentence}`, {
      hint,
      details: { file: this.#file.path, line: this.line, path: this.path },
    });
  }

  /** @param what For example `a port such as "8080:80"`. */
  expected(what: string): Problem {
    return this.wrong(`expected ${what}, found ${this.#shown()}`);
  }

  /** Runs what knows nothing of places; a `Problem` of it is thrown as one of this place. */
  attempt<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (thrown) {
      throw thrown instanceof Problem
        ? this.wrong(thrown.message, thrown.hint)
        : this.wrong(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  get kind(): "mapping" | "list" | "scalar" | "nothing" {
    if (isMap(this.#node)) return "mapping";
    if (isSeq(this.#node)) return "list";
    return this.#node === null || (isScalar(this.#node) && this.#node.value === null) ? "nothing" : "scalar";
  }

  /** The scalar, with variables filled in where it is text. */
  scalar(what: string): string | number | boolean {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    if (typeof value === "string") return this.attempt(() => this.#file.fill?.(value) ?? value);
    if (typeof value === "number" || typeof value === "boolean") return value;
    throw this.expected(what);
  }

  /** The scalar as it was written, quotes and variables included. */
  get source(): string | undefined {
    return isScalar(this.#node) ? (this.#node.source ?? String(this.#node.value)) : undefined;
  }

  /** The members of a list. */
  items(what: string): Place[] {
    if (!isSeq<Node>(this.#node)) throw this.expected(what);
    return this.#node.items.map((item, index) => this.#inner(item, `${this.path}[${index}]`, item));
  }

  /** The members of a mapping in the order of the file, with merge keys (`<<`) followed. */
  members(what: string): [key: string, value: Place][] {
    if (!isMap<Scalar<string>, Node | null>(this.#node)) throw this.expected(what);
    const members = new Map<string, Place>();
    for (const { key, value } of this.#node.items) {
      if (key.value === "<<") continue;
      members.set(key.value, this.#inner(value, this.#below(key.value), key));
    }
    for (const [key, place] of this.#node.items.flatMap((pair) => this.#merged(pair))) {
      if (!members.has(key)) members.set(key, place);
    }
    return [...members].filter(([key]) => !this.hides(key));
  }

  /** The value at `path`; where the file ends before it, a place that holds nothing. */
  find(path: readonly PropertyKey[]): Place {
    const [step, ...rest] = path;
    if (step === undefined) return this;
    const isIndex = typeof step === "number";
    const next =
      this.kind === "list"
        ? this.items("a list")[Number(step)]
        : this.kind === "mapping"
          ? this.members("a mapping").find(([key]) => key === String(step))?.[1]
          : undefined;
    return (next ?? this.#inner(null, isIndex ? `${this.path}[${step}]` : this.#below(String(step)), null)).find(rest);
  }

  /** Every scalar below, with its place. */
  scalars(): Place[] {
    if (this.kind === "mapping") return this.members("a mapping").flatMap(([, value]) => value.scalars());
    if (this.kind === "list") return this.items("a list").flatMap((item) => item.scalars());
    return this.kind === "scalar" ? [this] : [];
  }

  /** The plain value, nothing filled in. */
  toJS(): unknown {
    if (this.kind === "mapping") {
      return Object.fromEntries(this.members("a mapping").map(([key, value]) => [key, value.toJS()]));
    }
    if (this.kind === "list") return this.items("a list").map((item) => item.toJS());
    return isScalar(this.#node) ? this.#node.value : null;
  }

  #below(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  /** @param begin The node on whose line the value is to be found: its key in a mapping, itself in a list. */
  #inner(node: Node | null, path: string, begin: Node | null): Place {
    const line = begin?.range ? this.#file.lineOf(begin.range[0]) : this.line;
    return new Place(this.#file, node, { line, path, hidden: this.#hidden });
  }

  #merged({ key, value }: Pair<Scalar<string>, Node | null>): [string, Place][] {
    if (key.value !== "<<") return [];
    const place = this.#inner(value, this.path, key);
    const sources = place.kind === "list" ? place.items("mappings") : [place];
    return sources.flatMap((source) => source.members("a mapping to merge"));
  }

  #shown(): string {
    if (this.kind === "mapping") return "a mapping";
    if (this.kind === "list") return "a list";
    if (!isScalar(this.#node) || this.#node.value === null) return "nothing";
    const source = this.source ?? "";
    const shown = source.length > MOST_SHOWN ? `${source.slice(0, MOST_SHOWN)}…` : source;
    return typeof this.#node.value === "string" ? JSON.stringify(shown) : shown;
  }
}
