import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "#agent/store/database.ts";
import { type ModuleVersions, moduleVersions } from "#agent/store/module-versions.ts";
import type { ModuleDefinition } from "#shared/modules/manifest.ts";
import { modulesIn } from "#test/shared/modules-on-disk.ts";

const [v1, v2] = [modulesIn("test/plans/modules/v1"), modulesIn("test/plans/modules/v2")];
const notes = (modules: Record<string, ModuleDefinition>) => {
  if (modules.notes === undefined) throw new Error("there is no notes");
  return modules.notes;
};

let store: ReturnType<typeof openStore>;
let versions: ModuleVersions;
beforeEach(() => {
  store = openStore(":memory:");
  versions = moduleVersions(store);
});
afterEach(() => store.close());

test("what is offered is remembered, and kept for as long as there is an instance of it", () => {
  versions.keep([notes(v1)], new Set());
  expect(versions.all()).toEqual({ "notes@1.0.0": notes(v1) });
  versions.keep([notes(v2)], new Set(["notes@1.0.0"]));
  expect(Object.keys(versions.all()).sort()).toEqual(["notes@1.0.0", `notes@${notes(v2).manifest.version}`]);
  versions.keep([notes(v2)], new Set());
  expect(Object.keys(versions.all())).toEqual([`notes@${notes(v2).manifest.version}`]);
});

test("what cannot be read any more is as if it was not there", () => {
  versions.keep([notes(v1)], new Set());
  store.prepare("update module_version set definition_json = '{}'").run();
  expect(versions.all()).toEqual({});
});
