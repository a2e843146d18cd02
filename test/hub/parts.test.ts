import { describe, expect, it } from "vitest";
import { createRateLimit } from "#hub/auth/rate-limit.ts";
import { every } from "#hub/every.ts";
import { createLanes } from "#hub/lanes.ts";
import { createLive } from "#hub/live.ts";
import { BYTES, createFrameBudget, FRAMES } from "#hub/ws/frame-budget.ts";
import type { Link } from "#hub/ws/link.ts";
import { createLinks } from "#hub/ws/links.ts";
import { PROTOCOL } from "#shared/protocol/version.ts";

describe("live", () => {
  const event = { beacon: "bcn_1", sample: { at: 1, values: {} } };

  it("tells all listeners, though one throws, until they leave", () => {
    const errors: unknown[] = [];
    const live = createLive((error) => errors.push(error));
    const seen: string[] = [];
    const wrong = new Error("wrong");
    live.subscribe("live", () => {
      throw wrong;
    });
    const stop = live.subscribe("live", ({ beacon }) => seen.push(beacon));
    live.publish("live", event);
    stop();
    live.publish("live", event);
    expect([seen, errors]).toEqual([["bcn_1"], [wrong, wrong]]);
    expect([live.isHeard("live"), live.isHeard("job")]).toEqual([true, false]);
  });
});

describe("lanes", () => {
  it("run work of one lane in order, past failures, and other lanes meanwhile", async () => {
    const inLane = createLanes();
    const done: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = inLane("a", async () => {
      await gate.promise;
      done.push("a1");
      throw new Error("wrong");
    });
    const second = inLane("a", async () => void done.push("a2"));
    await inLane("b", async () => void done.push("b"));
    gate.resolve();
    await expect(first).rejects.toThrow("wrong");
    await second;
    expect(done).toEqual(["b", "a1", "a2"]);
  });
});

describe("a rate limit", () => {
  it("counts by key, and forgets when the window is over", () => {
    let now = 0;
    const limit = createRateLimit(() => now);
    const rule = { windowMs: 1000, max: 2 };
    expect([1, 2, 3].map(() => limit.take("a", rule))).toEqual([0, 0, 1000]);
    expect(limit.take("b", rule)).toBe(0);
    now = 400;
    expect(limit.take("a", rule)).toBe(600);
    now = 1000;
    expect(limit.take("a", rule)).toBe(0);
  });
});

describe("a frame budget", () => {
  it("lets a burst through, then a steady flow", () => {
    let now = 0;
    const budget = createFrameBudget(() => now);
    const burst = Array.from({ length: FRAMES.atOnce }, () => budget.take(1));
    expect(new Set(burst)).toEqual(new Set([0]));
    expect(budget.take(1)).toBe(1000 / FRAMES.perSecond);
    now = 1000;
    const steady = Array.from({ length: FRAMES.perSecond - 1 }, () => budget.take(1));
    expect(new Set(steady)).toEqual(new Set([0]));
    expect(budget.take(1)).toBeGreaterThan(0);
  });

  it("slows bytes down as well, one frame at a time", () => {
    let now = 0;
    const budget = createFrameBudget(() => now);
    expect(budget.take(BYTES.atOnce)).toBe(0);
    expect(budget.take(BYTES.perSecond / 2)).toBe(500);
    now = 500;
    expect(budget.take(0)).toBe(0);
    expect(budget.take(BYTES.perSecond)).toBe(1000);
  });

  it("does not run dry when the clock jumps back", () => {
    let now = 1_000_000;
    const budget = createFrameBudget(() => now);
    budget.take(1);
    now = 0;
    expect(budget.take(1)).toBe(0);
  });
});

describe("links", () => {
  const recorded = () => {
    const closes: string[] = [];
    const link: Link = { send: () => "frame_12345678", close: (reason) => closes.push(reason) };
    return { closes, link };
  };

  it("belong to one beacon each, and are closed when it is removed", () => {
    const links = createLinks();
    const [one, two] = [recorded(), recorded()];
    const first = links.attach("bcn_1", one.link, PROTOCOL);
    const second = links.attach("bcn_1", two.link, PROTOCOL);
    expect([one.closes, two.closes, links.count()]).toEqual([["replaced"], [], 1]);
    expect(first.detach()).toBe(false);
    expect(links.isOnline("bcn_1")).toBe(true);
    links.revoke("bcn_1");
    expect(two.closes).toEqual(["revoked"]);
    expect(second.detach()).toBe(true);
    expect([links.isOnline("bcn_1"), links.send("bcn_1", { type: "ping" })]).toEqual([false, false]);
  });
});

describe("work that is done again and again", () => {
  it("goes on after it failed, and ends when told to", async () => {
    const errors: unknown[] = [];
    let rounds = 0;
    const twice = Promise.withResolvers<void>();
    const stop = every(
      1,
      async () => {
        rounds += 1;
        if (rounds === 2) twice.resolve();
        throw new Error("wrong");
      },
      (error) => errors.push(error),
    );
    await twice.promise;
    await stop();
    const seen = rounds;
    expect(errors).toHaveLength(seen);
  });
});
