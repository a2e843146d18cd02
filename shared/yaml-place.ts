import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type Scalar } from "yaml";
import { Problem, type ProblemCode } from "./problem.ts";

/** A YAML file and how it is read. */
export interface YamlSource {
  /** As it stands in messages. */
  readonly path: string;
  readonly text: string;
  /** Of the problems that are thrown. */
  readonly code: ProblemCode;
  /** Applied to every text before anybody reads it; may throw a `Problem`. */
  readonly fill?: (text: string) => string;
}

interface File extends YamlSource {
  readonly resolve: (node: Node | null | undefined) => Node | null;
  readonly lineOf: (offset: number) => number;
}

/**
 * Reads a YAML 1.2 file with one document.
 * @throws {Problem} `source.code` with file and line when it is not YAML.
 */
export function parseYaml(source: YamlSource): Place {
  const lines = new LineCounter();
  const document = parseDocument(source.text, {
    lineCounter: lines,
    merge: true,
    stringKeys: true,
    prettyErrors: false,
  });
  const file: File = {
    ...source,
    resolve: (node) => (isAlias(node) ? (node.resolve(document) ?? null) : (node ?? null)),
    lineOf: (offset) => lines.linePos(offset).line,
  };
  const root = new Place(file, document.contents, 1, "");
  const [defect] = [...document.errors, ...document.warnings];
  if (defect !== undefined) throw new Place(file, null, file.lineOf(defect.pos[0]), "").wrong(defect.message);
  root.attempt(() => document.toJS({ maxAliasCount: 100 }));
  return root;
}

/** One value in a YAML file. It knows its line and the path to it, so that whoever reads it can say what is wrong there. */
export class Place {
  readonly line: number;
  /** For example `services.web.ports[0]`; empty for the whole file. */
  readonly path: string;
  readonly #file: File;
  readonly #node: Node | null;

  constructor(file: File, node: Node | null, line: number, path: string) {
    this.#file = file;
    this.#node = file.resolve(node);
    this.line = line;
    this.path = path;
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
    return [...members];
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
    return new Place(this.#file, node, line, path);
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
    return typeof this.#node.value === "string" ? JSON.stringify(this.source) : `${this.source}`;
  }
}
