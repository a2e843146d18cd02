import { expect, test } from "vitest";
import { runSideBySide } from "#agent/run-side-by-side.ts";

/** Pieces that end when they are told to. */
function pieces(dependencies: number[][], most = Number.POSITIVE_INFINITY) {
  const began: number[] = [];
  const open = new Map<number, { end: () => void; fail: (error: Error) => void; signal: AbortSignal }>();
  const all = runSideBySide({
    dependencies,
    mayBegin: (_place, running) => running.length < most,
    run: (place, signal) =>
      new Promise((resolve, reject) => {
        began.push(place);
        open.set(place, { end: resolve, fail: reject, signal });
      }),
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    all,
    began,
    signalOf: (place: number) => open.get(place)?.signal,
    end: async (place: number) => {
      open.get(place)?.end();
      await settle();
    },
    fail: async (place: number) => {
      open.get(place)?.fail(new Error(`piece ${place}`));
      await settle();
    },
  };
}

test("each begins as soon as what it waits for is done, in its order", async () => {
  const { all, began, end } = pieces([[], [], [0], [0, 1], [3]]);
  expect(began).toEqual([0, 1]);
  await end(0);
  expect(began).toEqual([0, 1, 2]);
  await end(1);
  expect(began).toEqual([0, 1, 2, 3]);
  await end(3);
  await end(2);
  await end(4);
  await all;
});

test("no more at once than may be", async () => {
  const { all, began, end } = pieces([[], [], []], 2);
  expect(began).toEqual([0, 1]);
  await end(1);
  expect(began).toEqual([0, 1, 2]);
  await end(0);
  await end(2);
  await all;
});

test("after a failure nothing begins, and what runs is told and waited for", async () => {
  const { all, began, end, fail, signalOf } = pieces([[], [], [0]]);
  let ended = false;
  const failed = all.catch((error: Error) => {
    ended = true;
    return error.message;
  });
  await fail(1);
  expect(signalOf(0)?.aborted).toBe(true);
  expect(ended).toBe(false);
  await end(0);
  expect(await failed).toBe("piece 1");
  expect(began).toEqual([0, 1]);
});

test("nothing to do is done", async () => {
  await runSideBySide({ dependencies: [], mayBegin: () => true, run: () => Promise.reject(new Error("never")) });
});
