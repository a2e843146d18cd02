import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, it } from "vitest";
import { createLog } from "#agent/log.ts";
import { Problem } from "#shared/problem.ts";

it("writes problems whole, errors with their stack, and no secrets", () => {
  const directory = mkdtempSync(join(tmpdir(), "wopr-log-"));
  const file = join(directory, "log");
  const log = createLog("info", pino.destination({ dest: file, sync: true }));
  const problem = new Problem("unavailable", "the hub is away", { hint: "Wait.", cause: new Error("ECONNREFUSED") });
  log.warn({ problem, cause: problem.cause }, "no link");
  log.info({ token: "s3cret-1", headers: { authorization: "s3cret-2" }, a: { b: { password: "s3cret-3" } } }, "hello");
  log.debug("not written");
  const text = readFileSync(file, "utf8");
  const [first, second, ...more] = text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(first).toMatchObject({
    problem: { code: "unavailable", message: "the hub is away", hint: "Wait." },
    cause: { message: "ECONNREFUSED", stack: expect.stringContaining("log.test") },
  });
  expect(second).toMatchObject({ msg: "hello", token: "[secret]" });
  expect(text).not.toContain("s3cret");
  expect(more).toEqual([]);
  rmSync(directory, { recursive: true });
});
