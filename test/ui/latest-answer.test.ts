import { expect, test } from "vitest";
import { createTakeLatest } from "#ui/latest-answer.ts";

/** Questions whose answers come when the test gives them. */
function asking() {
  const takeLatest = createTakeLatest();
  const taken: string[] = [];
  const ask = () => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const done = takeLatest(
      () => promise,
      (answer) => taken.push(answer),
    );
    return { answer: resolve, fail: reject, done };
  };
  return { ask, taken };
}

test("answers are taken as they come", async () => {
  const { ask, taken } = asking();
  for (const words of ["one", "two"]) {
    const question = ask();
    question.answer(words);
    await question.done;
  }
  expect(taken).toEqual(["one", "two"]);
});

test("an answer that comes after a newer question was asked is left out, whether it is good or bad", async () => {
  const { ask, taken } = asking();
  const [first, second, third] = [ask(), ask(), ask()];
  third.answer("newest");
  await third.done;
  first.answer("oldest");
  second.fail(new Error("the network went away"));
  await Promise.all([first.done, second.done]);
  expect(taken).toEqual(["newest"]);
});

test("what the newest question throws is thrown", async () => {
  const { ask, taken } = asking();
  const question = ask();
  question.fail(new Error("the network went away"));
  await expect(question.done).rejects.toThrow("the network went away");
  expect(taken).toEqual([]);
});
