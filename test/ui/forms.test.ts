import { describe, expect, test } from "vitest";
import { beaconNameProblem, emailProblem } from "#hub/console/order-problems.ts";
import { draftIsFine, draftOf, installRequest } from "#ui/beacon/install-draft.ts";
import { freeInstanceName, instanceNameProblem } from "#ui/beacon/instance-name.ts";
import {
  entryProblem,
  parameterFields,
  parametersOf,
  presentEntries,
  settingsOf,
} from "#ui/beacon/parameter-fields.ts";
import { fixtureModules } from "./fixture-modules.ts";

const vaultwarden = fixtureModules.find(({ id }) => id === "vaultwarden");
if (vaultwarden === undefined) throw new Error("the fixture has no vaultwarden");
const fields = parameterFields(vaultwarden.parameters);
const field = (name: string) => {
  const found = fields.find((known) => known.name === name);
  if (found === undefined) throw new Error(`there is no field ${name}`);
  return found;
};

describe("settings of an installed app", () => {
  test("show what is set and the defaults of the rest, and what is emptied goes back to its default", () => {
    const entries = presentEntries(fields, { admin_email: "a@b", upload_mb: 7, signups_allowed: true });
    expect(entries).toEqual({ admin_email: "a@b", upload_mb: "7", signups_allowed: "true", log_level: "warn" });
    expect(settingsOf(fields, { ...entries, upload_mb: "" })).toEqual({
      admin_email: "a@b",
      signups_allowed: true,
      log_level: "warn",
      upload_mb: null,
    });
  });
});

describe("parameters", () => {
  test("that are needed come first", () => {
    expect(fields.map(({ name }) => name)).toEqual(["admin_email", "signups_allowed", "log_level", "upload_mb"]);
  });

  test.each([
    ["admin_email", "", "This is needed."],
    ["admin_email", "a", "At least 3 characters."],
    ["admin_email", "nobody", "This is not in the expected form."],
    ["admin_email", "a@b", undefined],
    ["log_level", "loud", "Choose one of the list."],
    ["log_level", "info", undefined],
    ["upload_mb", "", undefined],
    ["upload_mb", "ten", "A number is needed."],
    ["upload_mb", "1.5", "A whole number is needed."],
    ["upload_mb", "0", "At least 1."],
    ["upload_mb", "1025", "At most 1024."],
    ["signups_allowed", "", undefined],
  ])("%s of %j: %s", (name, entry, problem) => expect(entryProblem(field(name), entry)).toBe(problem));

  test("have their types, and those left empty are left out", () => {
    const entries = { admin_email: "a@b", signups_allowed: "true", log_level: "", upload_mb: "12" };
    expect(parametersOf(fields, entries)).toEqual({ admin_email: "a@b", signups_allowed: true, upload_mb: 12 });
  });

  test("of a schema that cannot be drawn are none", () => {
    expect(parameterFields({ properties: { a: { type: "array" } } })).toEqual([]);
    expect(parameterFields(null)).toEqual([]);
  });
});

describe("names of instances", () => {
  test("are the module's own until it is taken", () => {
    expect(freeInstanceName("umami", [])).toBe("umami");
    expect(freeInstanceName("umami", ["umami", "umami-2"])).toBe("umami-3");
  });

  test.each(["", "umami", "-a", "a_b", "a".repeat(41)])("%j is refused", (name) => {
    expect(instanceNameProblem(name, ["umami"])).toBeTypeOf("string");
  });

  test.each(["a", "my-notes", "n8n"])("%j is fine", (name) => {
    expect(instanceNameProblem(name, ["umami"])).toBeUndefined();
  });
});

test("an install begins with the defaults and is fine once what is needed is there", () => {
  const draft = draftOf(vaultwarden, ["vaultwarden"]);
  expect(draft.instance).toBe("vaultwarden-2");
  expect(draftIsFine(vaultwarden, draft, ["vaultwarden"])).toBe(false);
  const settled = { ...draft, entries: { ...draft.entries, admin_email: "a@b" } };
  expect(draftIsFine(vaultwarden, settled, ["vaultwarden"])).toBe(true);
  expect(installRequest(vaultwarden, settled)).toEqual({
    name: "module.install",
    input: {
      module: "vaultwarden",
      instance: "vaultwarden-2",
      parameters: { admin_email: "a@b", signups_allowed: false, log_level: "warn", upload_mb: 100 },
    },
  });
});

describe("an order", () => {
  test.each(["", "ab", "-ada", "ada-", "ada.b", "älter", "a".repeat(41), "mir"])("refuses the name %j", (name) => {
    expect(beaconNameProblem(name, ["mir"])).toBeTypeOf("string");
  });

  test.each(["ada", "a-1", "a".repeat(40)])("takes the name %j", (name) => {
    expect(beaconNameProblem(name, ["mir"])).toBeUndefined();
  });

  test("wants an e-mail address", () => {
    expect(emailProblem("")).toBe("An e-mail address is needed.");
    expect(emailProblem("ada@")).toBe("This is not an e-mail address.");
    expect(emailProblem("ada@example.org")).toBeUndefined();
  });
});
