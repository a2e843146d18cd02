import { expect, test } from "vitest";
import { createPrecedence } from "#hub/precedence.ts";

/** How it stands once everybody had a turn. */
async function isOver(waiting: Promise<void>): Promise<boolean> {
  let over = false;
  void waiting.then(() => {
    over = true;
  });
  await new Promise(setImmediate);
  return over;
}

test("nothing waits while nothing goes first", async () => {
  const { end, free } = createPrecedence(() => 0);
  end("nothing");
  expect(await isOver(free())).toBe(true);
});

test("all wait until the last of those that go first is through, however often that is told", async () => {
  const { begin, end, free } = createPrecedence(() => 0);
  begin("a");
  begin("b");
  begin("b");
  const waiting = [free(), free()];
  end("a");
  end("a");
  expect(await isOver(Promise.race(waiting))).toBe(false);
  end("b");
  expect(await isOver(Promise.all(waiting).then(() => undefined))).toBe(true);
});

test("what goes first and never ends counts no more after a second", async () => {
  let now = 0;
  const { begin, free } = createPrecedence(() => now);
  begin("stuck");
  now = 1_001;
  expect(await isOver(free())).toBe(true);
});

test("what waits goes on after a quarter of a second in any case", async () => {
  const { begin, free } = createPrecedence(() => 0);
  begin("stuck");
  const since = performance.now();
  await free();
  expect(performance.now() - since).toBeGreaterThanOrEqual(249);
});
