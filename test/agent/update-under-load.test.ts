// @module-tag docker
import { afterAll, beforeAll, expect, test } from "vitest";
import { type SteadyApp, startSteadyApp } from "./steady-app.ts";

let app: SteadyApp;

beforeAll(async () => {
  app = await startSteadyApp();
});
afterAll(() => app?.stop());

const update = async (parameters: Record<string, string>) =>
  expect(await app.update(parameters)).toMatchObject({ state: "done" });

test("three updates under load fail no request and cut no stream short", async () => {
  const former = ["first", "second", "third"];
  const answers = await app.underLoad(async () => {
    for (const [index, answer] of ["second", "third", "fourth"].entries()) {
      const stream = app.ask("/stream");
      await update({ answer });
      expect(await stream).toEqual({ status: 200, text: `begun ${former[index]}` });
      expect(await app.ask("/")).toEqual({ status: 200, text: answer });
    }
  });
  expect([...answers.keys()].toSorted()).toEqual(["first", "fourth", "second", "third"]);
});

test("neither does that of an app which ends at once, in the middle of its answers", async () => {
  await update({ answer: "fifth", ends: "at once" });
  const answers = await app.underLoad(() => update({ answer: "sixth", ends: "at once" }));
  expect([...answers.keys()].toSorted()).toEqual(["fifth", "sixth"]);
});
