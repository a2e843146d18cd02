import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readRecipe, recipeHash } from "#scripts/stand-ins/recipe.ts";

const folder = mkdtempSync(join(tmpdir(), "wopr-recipe-"));
mkdirSync(join(folder, "app"));
writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
writeFileSync(join(folder, "app/start.sh"), "#!/bin/sh\n", { mode: 0o644 });
afterAll(() => rmSync(folder, { recursive: true }));

const file = (path: string, content: string) => ({ path, executable: false, content: Buffer.from(content) });

describe("recipeHash", () => {
  const hash = recipeHash([file("a", "1"), file("b", "2")], ["base"]);

  it("does not depend on the order in which files are listed", () => {
    expect(recipeHash([file("b", "2"), file("a", "1")], ["base"])).toBe(hash);
  });

  it.each([
    ["a file changes", [file("a", "1"), file("b", "3")], ["base"]],
    ["a file is renamed", [file("a", "1"), file("c", "2")], ["base"]],
    ["a file is added", [file("a", "1"), file("b", "2"), file("c", "")], ["base"]],
    ["content moves from one file to the next", [file("a", "12"), file("b", "")], ["base"]],
    ["a file becomes executable", [file("a", "1"), { ...file("b", "2"), executable: true }], ["base"]],
    ["the image below changes", [file("a", "1"), file("b", "2")], ["other base"]],
  ])("changes when %s", (_, files, ingredients) => {
    expect(recipeHash(files, ingredients)).not.toBe(hash);
  });

  it("is short enough for a tag", () => expect(hash).toMatch(/^[0-9a-f]{16}$/));
});

describe("readRecipe", () => {
  it("reads the files of all folders, with who may run them", () => {
    const read = () => readRecipe(folder).map(({ path, executable }) => ({ path, executable }));
    expect(read()).toContainEqual({ path: "app/start.sh", executable: false });
    chmodSync(join(folder, "app/start.sh"), 0o755);
    expect(read()).toContainEqual({ path: "app/start.sh", executable: true });
    expect(read()).toHaveLength(2);
  });
});
