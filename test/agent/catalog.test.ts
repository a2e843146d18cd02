import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadCatalog } from "#agent/catalog.ts";

const fixtures = join(import.meta.dirname, "../fixtures/modules");

test("a broken module takes nothing but itself away, and is named with file and line", () => {
  const { modules, problems, summaries } = loadCatalog(fixtures);
  const others = readdirSync(fixtures).filter((id) => id !== "broken");
  expect(others.length).toBeGreaterThan(3);
  expect(Object.keys(modules).sort()).toEqual(others.sort());
  expect(summaries.map(({ id }) => id).sort()).toEqual(others);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({
    code: "manifest_invalid",
    message: expect.stringContaining("broken/module.yaml:2"),
  });
});

test("every module of this repository can be read", () => {
  const { modules, problems } = loadCatalog(join(import.meta.dirname, "../../compose-modules"));
  expect(problems).toEqual([]);
  expect(Object.keys(modules)).toEqual(expect.arrayContaining(["caddy", "postgresql", "redis"]));
});

test("a folder without a manifest is none of ours; one without a compose file is broken; none at all is told", () => {
  const folder = mkdtempSync(join(tmpdir(), "wopr-catalog-"));
  try {
    mkdirSync(join(folder, "notes"));
    mkdirSync(join(folder, "half"));
    writeFileSync(join(folder, "half/module.yaml"), "id: half\n");
    expect(loadCatalog(folder).problems.map(({ message }) => message)).toEqual([
      `${join(folder, "half/compose.yaml")} cannot be read`,
    ]);
    expect(loadCatalog(join(folder, "absent"))).toMatchObject({ modules: {}, problems: [{ code: "not_found" }] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
