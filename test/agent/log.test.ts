import { expect, it } from "vitest";
import { createLog } from "#agent/log.ts";
import { Problem } from "#shared/problem.ts";

function kept(level: Parameters<typeof createLog>[0] = "info") {
  const lines: string[] = [];
  const log = createLog(level, (line) => void lines.push(line));
  return { log, text: () => lines.join(""), entries: () => lines.map((line): unknown => JSON.parse(line)) };
}

it("writes one line of JSON for each entry, with its level and time", () => {
  const { log, text, entries } = kept();
  log.warn({ hub: "https://hub.example.org" }, "no link\nat all");
  log.error({}, "worse");
  expect(text().split("\n")).toHaveLength(3);
  expect(entries()).toEqual([
    { level: 40, time: expect.stringMatching(/^\d{4}-.*Z$/), hub: "https://hub.example.org", msg: "no link\nat all" },
    { level: 50, time: expect.any(String), msg: "worse" },
  ]);
});

it("writes nothing below its level, and nothing at all when it is silent", () => {
  const info = kept("info");
  const silent = kept("silent");
  for (const { log } of [info, silent]) {
    log.debug({}, "detail");
    log.info({}, "said");
    log.error({}, "cried");
  }
  expect(info.entries()).toMatchObject([{ msg: "said" }, { msg: "cried" }]);
  expect(silent.text()).toBe("");
});

it("writes problems whole, and errors with their stack and their causes", () => {
  const { log, entries } = kept();
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const problem = new Problem("unavailable", "the hub is away", { hint: "Wait.", cause: refused });
  log.warn({ problem, cause: problem.cause }, "no link");
  log.error({ error: new TypeError("not so", { cause: problem }) }, "a bug");
  const stack = expect.stringContaining("log.test");
  expect(entries()).toMatchObject([
    {
      problem: { code: "unavailable", message: "the hub is away", hint: "Wait." },
      cause: { type: "Error", message: "connect ECONNREFUSED", code: "ECONNREFUSED", stack },
    },
    {
      error: {
        type: "TypeError",
        message: "not so",
        stack,
        cause: { code: "unavailable", message: "the hub is away" },
      },
    },
  ]);
});

it("writes no secrets, however deep they stand, in errors too", () => {
  const { log, text, entries } = kept();
  const headers = { authorization: "s3cret-2", accept: "text/html" };
  const error = Object.assign(new Error("no"), { request: { headers } });
  log.info({ token: "s3cret-1", headers, a: { b: { c: [{ password: "s3cret-3" }] } }, error }, "hello");
  expect(text()).not.toContain("s3cret");
  expect(entries()).toMatchObject([
    { msg: "hello", token: "[secret]", headers: { authorization: "[secret]", accept: "text/html" } },
  ]);
});

it("says what it can of what cannot be written as JSON", () => {
  const { log, entries } = kept();
  const circle: { self?: unknown } = {};
  circle.self = circle;
  log.error({ circle }, "round and round");
  log.error({ size: 1n }, "large");
  expect(entries()).toMatchObject([
    { level: 50, msg: "round and round", unwritable: expect.stringContaining("circular") },
    { level: 50, msg: "large", unwritable: expect.stringContaining("BigInt") },
  ]);
});
