import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, readSource, type SourceFile, type SyntaxNode } from "./architecture/source.ts";

const source = filesBelow(["shared", "mail", "agent", "cli", "hub", "ui"]).map(readSource);
const scripts = filesBelow(["scripts"]).map(readSource);
const tests = filesBelow(["test"]).map(readSource);
const everything = [...source, ...scripts, ...tests];

/** Which folders a folder may import from, besides itself. The first that fits a file counts. */
const layers: readonly { readonly folder: string; readonly imports: readonly string[] }[] = [
  { folder: "shared/", imports: [] },
  { folder: "agent/dashboard/", imports: ["shared/", "ui/", "agent/api/"] },
  { folder: "mail/", imports: ["shared/"] },
  { folder: "agent/", imports: ["shared/", "mail/"] },
  { folder: "cli/", imports: ["shared/", "agent/"] },
  { folder: "hub/console/", imports: ["shared/", "ui/", "hub/http/"] },
  { folder: "hub/", imports: ["shared/", "mail/"] },
  { folder: "ui/", imports: ["shared/"] },
  { folder: "scripts/", imports: ["shared/", "agent/", "hub/", "ui/", "test/", "vite.config.ts"] },
];

/** Packages that reach out of the process, or that shape everything around them: each is for one part alone. */
const outsideWorlds: Readonly<Record<string, readonly string[]>> = {
  dockerode: ["agent/docker", "hub/providers/local/"],
  "better-sqlite3": ["agent/store/", "hub/store/"],
  kysely: ["hub/store/"],
  ws: ["agent/link.ts", "hub/ws/"],
  nodemailer: ["mail/smtp.ts"],
  pdfkit: ["hub/documents/"],
  stripe: ["hub/billing/"],
  jose: ["agent/api/", "hub/auth/"],
  "better-auth": ["hub/auth/"],
  hono: ["agent/api/", "agent/dashboard/", "hub/http/", "hub/console/"],
  preact: ["agent/dashboard/", "hub/console/", "ui/"],
  yaml: ["shared/yaml-place.ts"],
  "node:child_process": ["agent/host", "agent/restic", "hub/providers/local/"],
};

const packageOf = (name: string) => (name.startsWith("@") ? name : (name.split("/")[0] ?? name));

const found = (files: readonly SourceFile[], wrong: (node: SyntaxNode, parent: SyntaxNode) => boolean) =>
  files.flatMap(({ nodes }) => nodes.filter(({ node, parent }) => wrong(node, parent)).map(({ at }) => at));

describe("imports", () => {
  it("go the way of the layers", () => {
    const wrong = [...source, ...scripts].flatMap(({ path, imports }) => {
      const layer = layers.find(({ folder }) => path.startsWith(folder));
      const allowed = [layer?.folder ?? "", ...(layer?.imports ?? [])];
      return imports
        .filter(({ to, isPackage }) => !isPackage && !allowed.some((folder) => to.startsWith(folder)))
        .map(({ at, to }) => `${at} imports ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  it("take from the servers into pages nothing but types", () => {
    const wrong = source
      .filter(({ path }) => /^(agent\/dashboard|hub\/console)\//.test(path))
      .flatMap(({ imports }) => imports.filter(({ to, isType }) => /^(agent\/api|hub\/http)\//.test(to) && !isType))
      .map(({ at, to }) => `${at} imports ${to}`);
    expect(wrong).toEqual([]);
  });

  it("of shared are pure", () => {
    const wrong = source
      .filter(({ path }) => path.startsWith("shared/"))
      .flatMap(({ imports }) =>
        imports.filter(({ to, isPackage }) => isPackage && !["zod", "yaml", "node:crypto"].includes(to)),
      )
      .map(({ at, to }) => `${at} imports ${to}`);
    expect(wrong).toEqual([]);
  });

  it("leave each outside world to one part", () => {
    const wrong = source.flatMap(({ path, imports }) =>
      imports
        .filter(({ to, isPackage, isType }) => {
          const owners = outsideWorlds[packageOf(to)];
          return isPackage && !isType && owners !== undefined && !owners.some((owner) => path.startsWith(owner));
        })
        .map(({ at, to }) => `${at} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it("do not go round in circles", () => {
    const next = new Map(
      source.map(({ path, imports }) => [path, imports.filter(({ isType }) => !isType).map(({ to }) => to)]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const follow = (path: string, trail: readonly string[]) => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
      if (done.has(path)) return;
      done.add(path);
      for (const to of next.get(path) ?? []) follow(to, [...trail, path]);
    };
    for (const path of next.keys()) follow(path, []);
    expect(circles).toEqual([]);
  });
});

describe("size", () => {
  const lines = source.map((file) => file.lines).sort((a, b) => a - b);
  const share = (part: number) => lines[Math.floor((lines.length - 1) * part)];

  it("is 400 lines a file at most, in tests too", () => {
    expect(everything.filter((file) => file.lines > 400).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  });

  it("is 400 lines a style sheet at most", () => {
    const lengths = filesBelow(["agent/dashboard", "hub/console", "hub/site", "ui"], /\.css$/).map((path) => ({
      path,
      lines: readFileSync(path, "utf8").split("\n").length - 1,
    }));
    expect(lengths.length).toBeGreaterThan(0);
    expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
  });

  it("is 250 lines in nine files of ten", () => expect(share(0.9)).toBeLessThanOrEqual(250));
  it("is 80 lines in half of them", () => expect(share(0.5)).toBeLessThanOrEqual(80));
});

describe("names", () => {
  const banned = /^(managers?|helpers?|utils?|utilities|services?|libs?|common|misc)$/;
  /** There a service is what the Compose Specification calls so. */
  const ofCompose = /^(shared|test\/shared)\/compose\//;

  it("of files are in kebab-case", () => {
    const names = everything
      .map(({ path }) => path)
      .filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(basename(path)));
    expect(names).toEqual([]);
  });

  it("of files and folders say what is in them", () => {
    const vague = everything
      .map(({ path }) => path)
      .filter((path) => path.split(/[/.-]/).some((part) => banned.test(part)))
      .filter((path) => !(ofCompose.test(path) && path.includes("service")));
    expect(vague).toEqual([]);
  });

  it("of what is declared say what it is", () => {
    const declares = /^(Class|Function|TSInterface|TSTypeAlias)Declaration$|^VariableDeclarator$/;
    const wrong = found(everything, ({ type, id }) => {
      const name = typeof id === "object" && id !== null && "name" in id ? String(id.name) : "";
      return declares.test(type) && /(Manager|Helper|Utils?)$/i.test(name);
    });
    expect(wrong).toEqual([]);
  });
});

describe("code", () => {
  const isConst = ({ typeAnnotation }: SyntaxNode) => JSON.stringify(typeAnnotation).includes('"name":"const"');

  it("has no casts", () => {
    expect(found(everything, (node) => node.type === "TSAsExpression" && !isConst(node))).toEqual([]);
    expect(found(everything, ({ type }) => type === "TSTypeAssertion" || type === "TSNonNullExpression")).toEqual([]);
  });

  it("has no any", () => expect(found(everything, ({ type }) => type === "TSAnyKeyword")).toEqual([]));

  it("silences no compiler", () => {
    const silenced = everything.flatMap(({ comments }) => comments.filter(({ value }) => /^\s*@ts-/.test(value)));
    expect(silenced.map(({ at }) => at)).toEqual([]);
  });

  it("exports by name", () => {
    expect(found(everything, ({ type }) => type === "ExportDefaultDeclaration")).toEqual([]);
  });

  it("keeps no state in modules", () => {
    const declarations = source.flatMap(({ path, statements }) =>
      statements
        .map((statement) => (statement.type === "ExportNamedDeclaration" ? statement.declaration : statement))
        .flatMap((declaration) => (isMutable(declaration) ? [path] : [])),
    );
    expect(declarations).toEqual([]);
  });

  it("prints from main files alone", () => {
    const wrong = found(
      source.filter(({ path }) => basename(path) !== "main.ts"),
      ({ type, name }, parent) => type === "Identifier" && name === "console" && parent.type === "MemberExpression",
    );
    expect(wrong).toEqual([]);
  });

  it("knows no machine", () => {
    const wrong = everything.filter(({ text }) => /["'`(\s](\/work\/|\/root\/|\/home\/[a-z])/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

describe("tests", () => {
  it("all run", () => {
    const wrong = tests.filter(({ text }) => /\b(it|test|describe)\.(only|skip|todo)\b/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it("are found by their name, but for the suites of contracts, which the tests of members call", () => {
    const callsTest = ({ type, callee }: SyntaxNode) =>
      type === "CallExpression" &&
      /^\{"type":"Identifier",[^{}]*"name":"(it|test|describe)"/.test(JSON.stringify(callee));
    const strays = tests.filter(
      ({ path, imports, nodes }) =>
        !path.endsWith(".test.ts") &&
        !path.startsWith("test/contracts/") &&
        imports.some(({ to }) => to === "vitest") &&
        nodes.some(({ node }) => callsTest(node)),
    );
    expect(strays.map(({ path }) => path)).toEqual([]);
  });

  it("stand where what they test stands", () => {
    const folders = readdirSync("test").filter((name) =>
      ["shared", "agent", "cli", "hub", "ui", "scripts"].includes(name),
    );
    expect(folders.sort()).toEqual(["agent", "cli", "hub", "scripts", "shared", "ui"]);
  });
});

/** `let`, and collections that nothing keeps from growing. */
function isMutable(declaration: unknown): boolean {
  if (typeof declaration !== "object" || declaration === null) return false;
  if (!("type" in declaration) || declaration.type !== "VariableDeclaration" || !("kind" in declaration)) return false;
  if (declaration.kind !== "const") return true;
  const text = JSON.stringify(declaration);
  const grows =
    /"init":\{"type":"(NewExpression","[^{]*"callee":\{"type":"Identifier","[^}]*"name":"(Map|Set|WeakMap|Array)"|ArrayExpression","elements":\[\])/;
  return grows.test(text) && !/"name":"Readonly/.test(text);
}
