import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { goldenCases } from "../golden.ts";

/**
 * What compose-go, the library of docker compose, makes of the same files. To look again:
 * `cd test/compose-reference && go run . ../compose > projects.json`.
 */
const Reference = z.object({ reader: z.string(), projects: z.record(z.string(), z.json()) });
const { reader, projects } = Reference.parse(JSON.parse(readFileSync("test/compose-reference/projects.json", "utf8")));

/** Where WOPR reads a file that docker compose refuses, or makes something else of it, and why. */
const deviations: Readonly<Record<string, string>> = {
  "env-files": "docker compose adds the format raw to compose-go",
  "merge-nested": "compose-go does not reset one member where one file has a list and the other a mapping",
};

/** Files that docker compose takes and WOPR refuses, and why. */
const stricter: Readonly<Record<string, string>> = {
  "bad-alias-bomb": "it would fill the memory",
  "bad-bind-escape": "a module has no folder",
  "bad-bind-escape-long": "a module has no folder",
  "bad-bind-home": "a module has no home",
  "bad-bind-relative": "a module has no folder",
  "bad-boolean": "YAML 1.2 has two booleans; the others are read differently by different programs",
  "bad-build": "WOPR runs images that are already built",
  "bad-config-file": "a module has no folder",
  "bad-expose": "it would silently have no effect",
  "bad-include-conflict": "one of the two would silently have no effect",
  "bad-mode": "permissions are octal",
  "bad-mount-mode": "the mode would silently have no effect",
  "bad-mount-target": "the engine refuses it later",
  "bad-network-mode-container": "the container may not be there; a service of the project is",
  "bad-no-services": "there is nothing to run",
  "bad-number-changes": "YAML makes another number of it than the one that is written",
  "bad-octal-changes": "YAML makes another number of it than the one that is written",
  "bad-port-twice": "the engine refuses it later",
  "bad-project-name": "docker compose refuses it after compose-go",
  "bad-published": "the engine refuses it later",
  "bad-restart": "the engine refuses it later",
  "bad-secret-variable": "a secret that is empty is a mistake",
  "bad-secrets": "a module has no folder",
  "bad-size-absurd": "no machine has that much",
  "bad-subpath": "it needs a newer engine",
  "bad-tag": "the tag would silently have no effect",
  "bad-two-documents": "the second would silently be another file",
  "bad-unsupported-bind": "it needs a newer engine",
  "bad-unsupported-deploy": "it is for clusters",
};

const Case = z.object({ title: z.string(), project: z.looseObject({}).optional() });

/** Without what is for other programs or for the work on an image, which the normal form of WOPR leaves out. */
function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtensions);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith("x-") && key !== "develop")
      .map(([key, member]) => [key, withoutExtensions(member)]),
  );
}

describe(`beside ${reader}`, () => {
  const cases = goldenCases("test/compose", Case, []).map(({ name, input }) => ({
    name: name.replace(/\.yaml$/, ""),
    ours: input.project,
    theirs: projects[name.replace(/\.yaml$/, "")],
  }));
  const isRefusal = (theirs: unknown) => typeof theirs === "string";

  it.each(cases)("$name", ({ name, ours, theirs }) => {
    expect(theirs, "run the reference again").toBeDefined();
    if (ours === undefined) expect(isRefusal(theirs), deviationOf(name)).toBe(!Object.hasOwn(stricter, name));
    else if (Object.hasOwn(deviations, name)) expect(withoutExtensions(theirs)).not.toEqual(ours);
    else expect(ours).toEqual(withoutExtensions(theirs));
  });

  const deviationOf = (name: string) => `${name}: refused by one of the two alone`;

  it("is about cases that exist", () => {
    const known = cases.map(({ name }) => name);
    expect(Object.keys(projects).filter((name) => !known.includes(name))).toEqual([]);
    expect([...Object.keys(deviations), ...Object.keys(stricter)].filter((name) => !known.includes(name))).toEqual([]);
  });
});
