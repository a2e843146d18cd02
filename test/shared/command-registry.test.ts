import { describe, expect, it } from "vitest";
import { bindCommand, commandNames, inputAt } from "#shared/command-registry.ts";
import { commands } from "#shared/commands/index.ts";

describe("commands", () => {
  it.each(commands.map(({ name, title }) => ({ name, title })))(
    "have a wire name and a title: $name",
    ({ name, title }) => {
      expect(name).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/);
      expect(title).not.toBe("");
    },
  );

  it("have names of their own", () => expect(new Set(commandNames).size).toBe(commandNames.length));
});

describe("bindCommand", () => {
  it("parses the input once, with its defaults", () => {
    const bound = bindCommand("module.remove", { instance: "notes" });
    expect(bound).toMatchObject({ name: "module.remove", input: { instance: "notes", data: "keep" }, lane: "notes" });
  });

  it("puts commands of one instance in one lane", () => {
    const lanes = [
      bindCommand("module.install", { module: "notes", instance: "diary" }),
      bindCommand("module.stop", { instance: "diary" }),
      bindCommand("module.remove", { instance: "diary" }),
    ].map(({ lane }) => lane);
    expect(new Set(lanes)).toEqual(new Set(["diary"]));
  });

  it.each(["module.explode", "", "constructor", "__proto__", "module"])("refuses the name %j", (name) => {
    expect(() => bindCommand(name, {})).toThrow(expect.objectContaining({ code: "unknown_command" }));
  });

  it.each([
    ["nothing", undefined],
    ["no module", {}],
    ["a module with a path in its name", { module: "../etc" }],
    ["an instance with capital letters", { module: "notes", instance: "Notes" }],
    ["what the command does not know", { module: "notes", force: true }],
  ])("refuses input with %s", (_what, input) => {
    expect(() => bindCommand("module.install", input)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });
});

describe("inputAt", () => {
  it("gives a command that is to hold after a time its time, once", () => {
    const taken = inputAt("module.restart", { instance: "notes" }, 1000);
    expect(taken).toEqual({ instance: "notes", after: 1000 });
    expect(inputAt("module.restart", taken, 2000)).toEqual(taken);
  });

  it.each(["module.stop", "module.explode", "constructor"])("leaves the input of %s alone", (name) => {
    const input = { instance: "notes" };
    expect(inputAt(name, input, 1000)).toBe(input);
  });

  it.each([undefined, null, "text", 7])("leaves %j, which is no input, to be refused", (input) => {
    expect(() => bindCommand("module.restart", inputAt("module.restart", input, 1000))).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
  });
});
