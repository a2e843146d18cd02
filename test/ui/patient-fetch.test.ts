import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPatientFetch } from "#ui/patient-fetch.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A network that fails so many times, and then has an answer. */
function shakyNetwork(failures: number) {
  const asked: string[] = [];
  const fetchOnce = async (_input: unknown, init?: RequestInit) => {
    asked.push(init?.method ?? "GET");
    if (asked.length <= failures) throw new TypeError("Failed to fetch");
    return new Response("here", { status: 503 });
  };
  return { asked, fetch: createPatientFetch(fetchOnce) };
}

/** What came of it, however long it took. */
const settled = async (asking: Promise<Response>) => {
  const outcome = asking.then(
    ({ status }) => status,
    (error: unknown) => String(error),
  );
  await vi.runAllTimersAsync();
  return outcome;
};

test.each([
  [0, undefined, 1],
  [1, undefined, 2],
  [2, { method: "GET" }, 3],
] as const)("what reads and fails %i times is asked again until there is an answer", async (failures, init, times) => {
  const { asked, fetch } = shakyNetwork(failures);
  expect(await settled(fetch("/api/me", init))).toBe(503);
  expect(asked).toHaveLength(times);
});

test("what reads is given up when the network stays away", async () => {
  const { asked, fetch } = shakyNetwork(9);
  expect(await settled(fetch("/api/me"))).toBe("TypeError: Failed to fetch");
  expect(asked).toHaveLength(4);
});

test.each(["POST", "PUT", "DELETE"])("%s is sent once", async (method) => {
  const { asked, fetch } = shakyNetwork(1);
  expect(await settled(fetch("/api/orders", { method }))).toBe("TypeError: Failed to fetch");
  expect(asked).toEqual([method]);
});
