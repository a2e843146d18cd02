import { expect, it } from "vitest";
import { createNudgedLoop } from "#hub/nudged-loop.ts";
import { until } from "./provisioning/until.ts";

const LONG_MS = 3_600_000;

function counting(turn: (nth: number) => Promise<number> = async () => LONG_MS) {
  const errors: unknown[] = [];
  const state = { turns: 0, under: 0 };
  const loop = createNudgedLoop({
    turn: async () => {
      state.turns += 1;
      state.under += 1;
      expect(state.under).toBe(1);
      try {
        return await turn(state.turns);
      } finally {
        state.under -= 1;
      }
    },
    onError: (error) => errors.push(error),
    errorPauseMs: 5,
  });
  const untilTurns = (count: number) =>
    until(
      () => state.turns,
      (turns) => turns >= count,
    );
  return { loop, state, errors, untilTurns };
}

it("turns when it is started, when it is nudged, and when its rest is over", async () => {
  const { loop, state, untilTurns } = counting(async (nth) => (nth < 4 ? 5 : LONG_MS));
  loop.nudge();
  expect(state.turns).toBe(0);
  loop.start();
  loop.start();
  await untilTurns(4);
  loop.nudge();
  await untilTurns(5);
  await loop.stop();
  expect(state.turns).toBe(5);
});

it("does not lose a nudge that comes while it turns, and takes several as one", async () => {
  const gate = Promise.withResolvers<void>();
  const { loop, state, untilTurns } = counting(async (nth) => {
    if (nth === 1) await gate.promise;
    return LONG_MS;
  });
  loop.start();
  await untilTurns(1);
  for (let times = 0; times < 5; times++) loop.nudge();
  gate.resolve();
  await untilTurns(2);
  await loop.stop();
  expect(state.turns).toBe(2);
});

it("goes on after a turn that failed", async () => {
  const { loop, errors, untilTurns } = counting(async (nth) => {
    if (nth < 3) throw new Error(`turn ${nth}`);
    return LONG_MS;
  });
  loop.start();
  await untilTurns(3);
  await loop.stop();
  expect(errors).toEqual([new Error("turn 1"), new Error("turn 2")]);
});

it("stops when the turn that is under way has ended, tells it so, and can be started again", async () => {
  const told = Promise.withResolvers<boolean>();
  const release = Promise.withResolvers<void>();
  let turns = 0;
  const loop = createNudgedLoop({
    turn: async (signal) => {
      turns += 1;
      if (turns > 1) return LONG_MS;
      signal.addEventListener("abort", () => told.resolve(true));
      await release.promise;
      return 0;
    },
    onError: () => undefined,
    errorPauseMs: 5,
  });
  loop.start();
  let isStopped = false;
  const stopping = loop.stop().then(() => {
    isStopped = true;
  });
  expect(await told.promise).toBe(true);
  expect(isStopped).toBe(false);
  release.resolve();
  await stopping;
  expect(turns).toBe(1);
  loop.start();
  await until(
    () => turns,
    (seen) => seen === 2,
  );
  await loop.stop();
});
