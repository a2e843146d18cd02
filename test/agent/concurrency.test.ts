import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { watchSilence } from "#agent/docker/silence.ts";
import { putDurableFile } from "#agent/durable-file.ts";
import { createKeyedMutex, createMutex } from "#agent/mutex.ts";
import { patiently } from "#agent/patience.ts";
import { throttle } from "#agent/throttle.ts";
import { Problem } from "#shared/problem.ts";

afterEach(() => vi.useRealTimers());

describe("createMutex", () => {
  test("runs one at a time, in order, also after a failure", async () => {
    const mutex = createMutex();
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} begins`);
      await delay(5);
      events.push(`${name} ends`);
      if (name === "a") throw new Error("a failed");
      return name;
    };
    const [a, b] = await Promise.allSettled([mutex(work("a")), mutex(work("b"))]);
    expect(events).toEqual(["a begins", "a ends", "b begins", "b ends"]);
    expect([a?.status, b?.status]).toEqual(["rejected", "fulfilled"]);
  });
});

describe("createKeyedMutex", () => {
  test("runs different keys side by side", async () => {
    const mutex = createKeyedMutex();
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = mutex("a", () => promise);
    const behind = mutex("a", async () => "behind");
    expect(await mutex("b", async () => "free")).toBe("free");
    resolve();
    await held;
    expect(await behind).toBe("behind");
  });
});

describe("throttle", () => {
  test("passes the first at once, then the last of each interval, and what is held when flushed", () => {
    vi.useFakeTimers();
    const passed: number[] = [];
    const { push, flush } = throttle<number>(100, (value) => passed.push(value));
    push(1);
    push(2);
    push(3);
    expect(passed).toEqual([1]);
    vi.advanceTimersByTime(100);
    expect(passed).toEqual([1, 3]);
    vi.advanceTimersByTime(500);
    push(4);
    push(5);
    flush();
    flush();
    expect(passed).toEqual([1, 3, 4, 5]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("an interval of zero passes everything at once", () => {
    const passed: number[] = [];
    const { push } = throttle<number>(0, (value) => passed.push(value));
    push(1);
    push(2);
    expect(passed).toEqual([1, 2]);
  });
});

describe("patiently", () => {
  const away = new Problem("docker_unavailable", "Docker does not answer");
  const patience = (patienceMs: number, signal = new AbortController().signal) => {
    const waits: Problem[] = [];
    return { patienceMs, signal, onWait: (problem: Problem) => void waits.push(problem), waits };
  };

  test("tries again what may pass", async () => {
    const options = patience(10_000);
    let attempts = 0;
    const result = await patiently(async () => {
      attempts += 1;
      if (attempts < 3) throw away;
      return "back";
    }, options);
    expect(result).toBe("back");
    expect(options.waits).toEqual([away, away]);
  });

  test("gives up after its time, and at once what does not pass", async () => {
    await expect(patiently(() => Promise.reject(away), patience(50))).rejects.toBe(away);
    const refused = new Problem("image_missing", "no such image");
    const options = patience(10_000);
    await expect(patiently(() => Promise.reject(refused), options)).rejects.toBe(refused);
    expect(options.waits).toEqual([]);
  });

  test("ends with its signal while it waits", async () => {
    const controller = new AbortController();
    const options = patience(60_000, controller.signal);
    const work = patiently(() => {
      setImmediate(() => controller.abort(new Error("enough")));
      return Promise.reject(away);
    }, options);
    await expect(work).rejects.toThrow("enough");
  });
});

test("watchSilence counts from what was heard last", () => {
  vi.useFakeTimers();
  const silence = watchSilence(100, () => new Error("silent"));
  vi.advanceTimersByTime(90);
  silence.heard();
  vi.advanceTimersByTime(90);
  expect(silence.signal.aborted).toBe(false);
  vi.advanceTimersByTime(20);
  expect(silence.signal.reason).toEqual(new Error("silent"));
});

test("putDurableFile replaces a file whole, with its mode, and leaves nothing beside it", () => {
  const folder = mkdtempSync(join(tmpdir(), "wopr-file-"));
  try {
    const file = join(folder, "file");
    putDurableFile(file, "one", 0o600);
    putDurableFile(file, "two", 0o600);
    expect(readFileSync(file, "utf8")).toBe("two");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["file"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
