import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseSync } from "vite";

/** A node of the syntax tree (ESTree, with TypeScript's own nodes). */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

export interface Import {
  /** Path of the file in the repository, or name of the package. */
  readonly to: string;
  readonly isPackage: boolean;
  /** Nothing of it is left once the types are gone. */
  readonly isType: boolean;
  readonly at: string;
}

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** The statements of the module itself. */
  readonly statements: readonly SyntaxNode[];
  /** Every node, with the place that messages name. */
  readonly nodes: readonly { readonly node: SyntaxNode; readonly parent: SyntaxNode; readonly at: string }[];
  readonly comments: readonly { readonly value: string; readonly at: string }[];
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

const childrenOf = (node: SyntaxNode): SyntaxNode[] => Object.values(node).flat().filter(isNode);

/** Every file below the folders whose name fits: every TypeScript file, unless told otherwise. */
export const filesBelow = (folders: readonly string[], named = /\.(ts|tsx|mts|mjs)$/): string[] =>
  folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)))
    .filter((path) => named.test(path) && !path.includes("node_modules"))
    .sort();

export function readSource(path: string): SourceFile {
  const text = readFileSync(path, "utf8");
  const { program, comments } = parseSync(path, text);
  const at = (offset: number) => `${path}:${text.slice(0, offset).split("\n").length}`;
  const root: SyntaxNode = { ...program };
  const nodes: { node: SyntaxNode; parent: SyntaxNode; at: string }[] = [];
  const visit = (parent: SyntaxNode) => {
    for (const node of childrenOf(parent)) {
      nodes.push({ node, parent, at: at(node.start) });
      visit(node);
    }
  };
  visit(root);
  return {
    path,
    text,
    lines: text.split("\n").length - 1,
    imports: nodes.flatMap(({ node, at }) => importOf(node, path, at)),
    statements: childrenOf(root),
    nodes,
    comments: comments.map(({ value, start }) => ({ value, at: at(start) })),
  };
}

const importing: ReadonlySet<string> = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
]);

function importOf(node: SyntaxNode, path: string, at: string): Import[] {
  if (!importing.has(node.type) || !isNode(node.source) || typeof node.source.value !== "string") return [];
  const to = node.source.value;
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : [];
  const allTypes =
    specifiers.length > 0 && specifiers.every((one) => one.importKind === "type" || one.exportKind === "type");
  const isType = node.importKind === "type" || node.exportKind === "type" || allTypes;
  if (to.startsWith("#")) return [{ to: to.slice(1), isPackage: false, isType, at }];
  if (to.startsWith(".")) return [{ to: normalize(join(dirname(path), to)), isPackage: false, isType, at }];
  return [{ to, isPackage: true, isType, at }];
}
