import { expect, it } from "vitest";
import { createGroupCommit } from "#hub/store/group-commit.ts";

it("writes at once what comes alone, and together what comes meanwhile", async () => {
  const groups: (readonly number[])[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const write = createGroupCommit(async (items: readonly number[]) => {
    groups.push(items);
    await gates[groups.length - 1]?.promise;
    return items.map((item) => item * 10);
  }, 3);
  const first = write(1);
  const others = [2, 3, 4, 5].map(write);
  expect(groups).toEqual([[1]]);
  for (const { resolve } of gates) resolve();
  expect(await Promise.all([first, ...others])).toEqual([10, 20, 30, 40, 50]);
  expect(groups).toEqual([[1], [2, 3, 4], [5]]);
});

it("lets nobody's failure be another one's", async () => {
  const write = createGroupCommit(async (items: readonly number[]) => {
    await null;
    if (items.includes(3)) throw new Error("three");
    return items;
  }, 10);
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(write));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
});
