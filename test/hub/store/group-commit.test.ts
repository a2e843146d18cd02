import { expect, it, vi } from "vitest";
import { createGroupCommit } from "#hub/store/group-commit.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));

it("writes at once what comes alone, and together what comes meanwhile", async () => {
  const groups: (readonly number[])[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const commit = async (items: readonly number[]) => {
    groups.push(items);
    await gates[groups.length - 1]?.promise;
    return items.map((item) => item * 10);
  };
  const write = createGroupCommit({ commit, most: 3, restMs: 1 });
  const first = write(1);
  await settled();
  expect(groups).toEqual([[1]]);
  const others = [2, 3, 4, 5].map(write);
  for (const { resolve } of gates) resolve();
  expect(await Promise.all([first, ...others])).toEqual([10, 20, 30, 40, 50]);
  expect(groups).toEqual([[1], [2, 3, 4], [5]]);
});

it("lets nobody's failure be another one's", async () => {
  const commit = async (items: readonly number[]) => {
    await null;
    if (items.includes(3)) throw new Error("three");
    return items;
  };
  const write = createGroupCommit({ commit, most: 10, restMs: 0 });
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(write));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
});

it("takes as much together as fits, and one that is too large by itself", async () => {
  const groups: (readonly number[])[] = [];
  const commit = async (items: readonly number[]) => {
    groups.push(items);
    return items;
  };
  const write = createGroupCommit({ commit, most: 10, weigh: (item) => item, restMs: 0 });
  await Promise.all([4, 4, 4, 25, 1, 9, 1].map(write));
  expect(groups).toEqual([[4, 4], [4], [25], [1, 9], [1]]);
});

it("begins one commit before the other is on the disk where that is asked for, and no third one", async () => {
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  let begun = 0;
  const commit = async (items: readonly number[]) => {
    await gates[begun++]?.promise;
    return items;
  };
  const write = createGroupCommit({ commit, most: 1, restMs: 0, overlap: true });
  const written = [1, 2, 3].map(write);
  await vi.waitFor(() => expect(begun).toBe(2));
  await settled();
  expect(begun).toBe(2);
  for (const { resolve } of gates) resolve();
  expect(await Promise.all(written)).toEqual([1, 2, 3]);
});
