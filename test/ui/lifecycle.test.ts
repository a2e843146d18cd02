import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  canBeCalledOff,
  currentJob,
  doingWords,
  doneWords,
  mayDelete,
  progressOf,
} from "#hub/console/lifecycle/lifecycle-words.ts";
import type { LifecycleChange } from "#shared/api/lifecycle.ts";
import { Problem } from "#shared/problem.ts";
import { describeWithBrowser } from "./browser.ts";
import { FixtureLifecycle } from "./fixture-lifecycle.ts";
import { type FixtureWorld, startFixtureWorld } from "./fixture-world.ts";

describe("what is said of a change", () => {
  test.each<[LifecycleChange, string, string]>([
    [{ change: "suspend" }, "Suspending", "Suspended"],
    [{ change: "resize", tier: "t2" }, "Changing the size to T2", "Changed to T2"],
    [{ change: "transfer", email: "a@b.c" }, "Handing over to a@b.c", "Handed over to a@b.c"],
    [{ change: "rebuild", discardData: true }, "Rebuilding", "Rebuilt"],
    [{ change: "delete" }, "Deleting", "Deleted"],
  ])("%j is %s, then %s", (change, doing, done) => {
    expect([doingWords(change), doneWords(change)]).toEqual([doing, done]);
  });

  test("is of the one under way, or of the newest that failed", () => {
    const life = new FixtureLifecycle();
    const { id: first } = life.order("bcn_1", "ada", { change: "suspend" });
    life.fail(first, new Problem("agent_offline", "the beacon is away"));
    expect(currentJob(life.jobs)?.id).toBe(first);
    const { id: second } = life.order("bcn_1", "ada", { change: "resume" });
    expect(currentJob(life.jobs)?.id).toBe(second);
    expect(progressOf(life.advance(second))).toBe(50);
    expect(progressOf(life.advance(second))).toBe(100);
    // What failed before something else was done is past.
    expect(currentJob(life.jobs)).toBeUndefined();
    expect(currentJob([])).toBeUndefined();
  });
});

test("what can be called off, and what waits for what is under way", () => {
  const life = new FixtureLifecycle();
  const suspension = life.order("bcn_1", "ada", { change: "suspend" });
  expect([canBeCalledOff(suspension), mayDelete(life.jobs)]).toEqual([true, true]);
  expect(canBeCalledOff(life.order("bcn_1", "ada", { change: "resize", tier: "t2" }))).toBe(false);
  expect(mayDelete(life.jobs)).toBe(false);
});

describeWithBrowser("a beacon as a whole", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
  });
  afterAll(async () => {
    await world.stop();
  });
  const open = async () => {
    const opened = await world.openConsole(`/beacons/${world.ada.id}/overview`);
    const panel = opened.page.getByRole("region", { name: "Lifecycle" });
    await panel.getByRole("button", { name: "Delete" }).waitFor();
    return { ...opened, panel, dialog: opened.page.getByRole("dialog") };
  };

  test("is suspended step by step, before the reader's eyes", async () => {
    const { page, context, complaints, panel, dialog } = await open();
    await panel.getByRole("button", { name: "Suspend" }).click();
    await dialog.getByText("Nothing is lost").waitFor();
    await dialog.getByRole("button", { name: "Suspend" }).click();
    const job = page.getByRole("region", { name: "Suspending" });
    await job.getByText("Waiting for the beacon to answer").waitFor();
    // One after the other.
    expect(await panel.getByRole("button", { name: "Rebuild" }).isDisabled()).toBe(true);
    expect(await panel.getByRole("button", { name: "Delete" }).isDisabled()).toBe(false);
    const { id = "" } = world.hub.lifecycle.jobs[0] ?? {};
    world.hub.lifecycle.advance(id);
    await job.locator('[data-mark="done"]').getByText("Closing it to changes is done.").waitFor();
    world.hub.lifecycle.advance(id);
    await panel.getByRole("list", { name: "Changes before" }).getByText("Suspended").waitFor();
    await job.waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
    await context.close();
  });

  test.each([
    ["Delete", "Delete it"],
    ["Rebuild", "Rebuild without its data"],
  ])("is not lost by one click: %s asks for its name", async (what, verb) => {
    const { page, context, panel, dialog } = await open();
    const before = world.hub.lifecycle.jobs.length;
    await panel.getByRole("button", { name: what }).focus();
    await panel.getByRole("button", { name: what }).press("Enter");
    const button = dialog.getByRole("button", { name: verb });
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByLabel("Type ada to confirm").fill("adam");
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByLabel("Type ada to confirm").fill("ada");
    await button.click();
    await dialog.waitFor({ state: "hidden" });
    expect(world.hub.lifecycle.jobs).toHaveLength(before + 1);
    expect(world.hub.lifecycle.confirmed.at(-1)).toBe("ada");
    const { id = "" } = world.hub.lifecycle.jobs[0] ?? {};
    world.hub.lifecycle.advance(id);
    world.hub.lifecycle.advance(id);
    // Of what is deleted there is no page any more.
    if (what === "Delete") await page.waitForURL((url) => url.pathname === "/");
    await context.close();
  });

  test("says why it cannot be made smaller, and is made larger", async () => {
    const { page, context, panel, dialog } = await open();
    await panel.getByRole("button", { name: "Change size" }).click();
    await dialog.getByRole("button", { name: "T1 · 4 GB" }).click();
    await dialog.getByRole("button", { name: "Change the size" }).click();
    await dialog.getByRole("alert").getByText("Remove an app first.").waitFor();
    await dialog.getByRole("button", { name: "T3 · 16 GB" }).click();
    await dialog.getByRole("button", { name: "Change the size" }).click();
    const job = page.getByRole("region", { name: "Changing the size to T3" });
    await job.waitFor();
    // What a server is given is not taken back: its way is another size.
    expect(await job.getByRole("button", { name: "Call it off" }).count()).toBe(0);
    const { id = "" } = world.hub.lifecycle.jobs[0] ?? {};
    world.hub.lifecycle.advance(id);
    world.hub.lifecycle.advance(id);
    await panel.getByText("Changed to T3").waitFor();
    await context.close();
  });

  test("is called off while that is possible", async () => {
    world.hub.lifecycle.order(world.ada.id, "ada", { change: "rebuild", discardData: true });
    const { page, context, panel, dialog } = await open();
    const job = page.getByRole("region", { name: "Rebuilding" });
    await job.getByRole("button", { name: "Call it off" }).click();
    await dialog.getByRole("button", { name: "Go on" }).click();
    await job.getByRole("button", { name: "Call it off" }).click();
    await dialog.getByRole("button", { name: "Call it off" }).click();
    await panel.getByText("Called off: rebuild").waitFor();
    await context.close();
  });

  test("goes to another owner, and a failure is told and tried again", async () => {
    const { page, context, panel, dialog } = await open();
    await panel.getByRole("button", { name: "Hand over" }).click();
    await dialog.getByLabel("New owner’s e-mail").fill("grace@example.org");
    await dialog.getByLabel("Type ada to confirm").fill("ada");
    await dialog.getByRole("button", { name: "Hand it over" }).click();
    const job = page.getByRole("region", { name: "Handing over to grace@example.org" });
    await job.waitFor();
    const { id = "" } = world.hub.lifecycle.jobs[0] ?? {};
    world.hub.lifecycle.fail(id, new Problem("mail_refused", "the mail was refused", { hint: "Look at its address." }));
    await job.getByRole("alert").getByText("Look at its address.").waitFor();
    await page.reload();
    await job.getByRole("button", { name: "Try again" }).click();
    await job.getByRole("progressbar").waitFor();
    world.hub.lifecycle.advance(id);
    world.hub.lifecycle.advance(id);
    await panel.getByText("Handed over to grace@example.org").waitFor();
    await context.close();
  });

  test("is none of its owner's to change here", async () => {
    const operator = world.hub.me;
    world.hub.me = { ...operator, role: "owner" };
    const { page, context } = await world.openConsole(`/beacons/${world.ada.id}/overview`);
    await page.getByRole("region", { name: "Agent" }).waitFor();
    expect(await page.getByRole("region", { name: "Lifecycle" }).count()).toBe(0);
    world.hub.me = operator;
    await context.close();
  });
});
