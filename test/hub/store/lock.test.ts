import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { spawnHub, startChildHub } from "../child-hub.ts";
import { testConfig } from "../test-hub.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wopr-two-hubs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("one data folder has one hub; the next one may have it however the first one ended", async () => {
  const config = await testConfig(folder);
  const first = await startChildHub(config);
  const other = await testConfig(folder);
  const second = spawnHub({ ...config, listen: other.listen });
  const [stderr] = await Promise.all([text(second.stderr), text(second.stdout), once(second, "exit")]);
  expect([second.exitCode, stderr.trim()]).toEqual([1, expect.stringMatching(/^another hub is running on .*data/)]);
  await first.kill();
  const third = await startChildHub(config);
  expect(await third.terminate()).toBe(0);
});
