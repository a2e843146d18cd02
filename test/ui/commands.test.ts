import { describe, expect, test } from "vitest";
import type { CommandState, CommandView } from "#shared/api/beacon.ts";
import { commandWords, instanceOf, percentOf } from "#ui/beacon/command-words.ts";
import { hasEnded, mergeCommands, newerOf } from "#ui/beacon/merge-commands.ts";
import { stepMarks } from "#ui/beacon/step-marks.ts";

const command = (state: CommandState, more: Partial<CommandView> = {}): CommandView => ({
  id: "cmd_00000001",
  name: "module.install",
  input: { module: "umami" },
  actor: "ada@example.org",
  state,
  createdAt: 1_000,
  ...more,
});

const progress = (step: number, at: number, title = `step ${step}`) => ({
  command: "cmd_00000001",
  at,
  step,
  steps: 4,
  title,
});

describe("what is known of a command", () => {
  test("never goes back from its end", () => {
    expect(newerOf(command("done"), command("running")).state).toBe("done");
    expect(newerOf(command("queued"), command("failed")).state).toBe("failed");
  });

  test("keeps the newer progress", () => {
    const newer = command("running", { progress: progress(3, 30) });
    const older = command("running", { progress: progress(2, 20) });
    expect(newerOf(newer, older)).toBe(newer);
    expect(newerOf(older, newer)).toBe(newer);
  });

  test("is listed once, newest first", () => {
    const later = command("queued", { id: "cmd_00000002", createdAt: 2_000 });
    const merged = mergeCommands([command("running")], [later, command("sent")]);
    expect(merged.map(({ id, state }) => [id, state])).toEqual([
      ["cmd_00000002", "queued"],
      ["cmd_00000001", "running"],
    ]);
  });

  test.each(["done", "failed", "cancelled", "expired"] as const)("has ended when it is %s", (state) => {
    expect(hasEnded(command(state))).toBe(true);
  });
});

describe("words", () => {
  test("name the instance, or the module when there is no other name", () => {
    expect(instanceOf(command("done"))).toBe("umami");
    expect(instanceOf(command("done", { input: { module: "umami", instance: "stats" } }))).toBe("stats");
    expect(commandWords(command("done"))).toEqual({
      wish: "Install umami",
      doing: "Installing umami",
      done: "Installed umami",
    });
  });

  test("of an unknown command are its wire name", () => {
    expect(commandWords({ name: "backup.create", input: {} }).done).toBe("backup.create");
    expect(commandWords({ name: "constructor", input: {} }).wish).toBe("constructor");
  });
});

test("progress counts whole steps and the share of the one that goes on", () => {
  expect(percentOf(command("running"))).toBeUndefined();
  expect(percentOf(command("running", { progress: progress(3, 1) }))).toBe(50);
  expect(percentOf(command("running", { progress: { ...progress(3, 1), percent: 50 } }))).toBe(62.5);
});

describe("marks on the plan", () => {
  const plan = { steps: ["pull", "create", "start"].map((title) => ({ kind: "x", title })) };

  test("follow the title of the step", () => {
    expect(stepMarks(plan, command("running", { progress: progress(1, 1, "create") }))).toEqual([
      "done",
      "now",
      "next",
    ]);
  });

  test("follow its number where the title is new", () => {
    expect(stepMarks(plan, command("running", { progress: progress(3, 1, "else") }))).toEqual(["done", "done", "now"]);
  });

  test("wait before anything began", () => {
    expect(stepMarks(plan, command("queued"))).toEqual(["next", "next", "next"]);
  });

  test("show where it failed, and that all is done", () => {
    const at = { progress: progress(2, 1, "create") };
    expect(stepMarks(plan, command("failed", at))).toEqual(["done", "failed", "next"]);
    expect(stepMarks(plan, command("done", at))).toEqual(["done", "done", "done"]);
  });
});
