import { expect, test } from "vitest";
import { renderHandbook } from "#hub/documents/handbook.ts";
import { writeHandbook } from "#hub/documents/write-handbook.ts";
import { facts } from "./facts.ts";

test("is the handbook as it is set on this thread", async () => {
  expect(Buffer.from(await writeHandbook(facts)).equals(await renderHandbook(facts))).toBe(true);
});

test("says what ended the thread", async () => {
  const incomplete = { ...facts, apps: [{ ...facts.apps[0], firstSteps: null }] };
  await expect(writeHandbook(incomplete as never)).rejects.toMatchObject({
    code: "internal",
    cause: expect.objectContaining({ name: "TypeError" }),
  });
});
