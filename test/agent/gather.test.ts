import { describe, expect, it } from "vitest";
import { gather } from "#agent/gather.ts";

const fulfilled = { status: "fulfilled", value: undefined } as const;

describe("gather", () => {
  it("does at once what comes at about the same time, and tells each how it went", async () => {
    const batches: (readonly string[])[] = [];
    const { add } = gather<string>({
      withinMs: 5,
      done: async (batch) => {
        batches.push(batch);
        return batch.map((item) => (item === "bad" ? { status: "rejected", reason: new Error(item) } : fulfilled));
      },
    });
    const results = await Promise.allSettled([add("one"), add("bad"), add("two")]);
    expect(batches).toEqual([["one", "bad", "two"]]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await add("one more").then(() => undefined);
    await add("later");
    expect(batches).toEqual([["one", "bad", "two"], ["one more"], ["later"]]);
  });

  it("gathers what comes while a batch is at work into the next one", async () => {
    const batches: (readonly string[])[] = [];
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const { add } = gather<string>({
      withinMs: 1,
      done: async (batch) => {
        batches.push(batch);
        begun.resolve();
        await goOn.promise;
        return batch.map(() => fulfilled);
      },
    });
    const first = add("first");
    await begun.promise;
    const others = [add("second"), add("third")];
    expect(batches).toEqual([["first"]]);
    goOn.resolve();
    await Promise.all([first, ...others]);
    expect(batches).toEqual([["first"], ["second", "third"]]);
  });

  it("gathers what comes while it rests from a batch", async () => {
    const batches: (readonly string[])[] = [];
    const { add } = gather<string>({
      withinMs: 1,
      restMs: 50,
      done: async (batch) => {
        batches.push(batch);
        return batch.map(() => fulfilled);
      },
    });
    await add("first");
    const second = add("second");
    await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all([second, add("third")]);
    expect(batches).toEqual([["first"], ["second", "third"]]);
  });

  it("fails a batch whole when its work throws, and goes on with the next", async () => {
    let broken = true;
    const { add } = gather<string>({
      withinMs: 1,
      done: async (batch) => {
        if (broken) throw new Error("broken");
        return batch.map(() => fulfilled);
      },
    });
    const results = await Promise.allSettled([add("one"), add("two")]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    broken = false;
    await expect(add("three")).resolves.toBeUndefined();
  });
});
