import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
  const { consoleDirectory = "" } = hub.config;
  mkdirSync(join(consoleDirectory, "assets"), { recursive: true });
  writeFileSync(join(consoleDirectory, "index.html"), "<title>The console</title>");
  writeFileSync(join(consoleDirectory, "icon.svg"), "<svg/>");
  writeFileSync(join(consoleDirectory, "assets", "main-1a2b.js"), "export {};");
  writeFileSync(join(consoleDirectory, "..", "secret.txt"), "secret");
  await hub.restart();
});
afterAll(() => hub.stop());

it.each(["/", "/beacons/bcn_12345678", "/jobs"])("serves the application at %s, never from a cache", async (path) => {
  const answer = await hub.client().get(path);
  expect(answer).toMatchObject({ status: 200, body: "<title>The console</title>" });
  expect(answer.headers.get("cache-control")).toBe("no-cache");
  expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
});

it("serves its files, those with a hash in their name for ever", async () => {
  const script = await hub.client().get("/assets/main-1a2b.js");
  expect(script).toMatchObject({ status: 200, body: "export {};" });
  expect(script.headers.get("cache-control")).toContain("immutable");
  expect((await hub.client().get("/icon.svg")).body).toBe("<svg/>");
});

it.each(["/assets/old-9f9f.js", "/api/nothing", "/.well-known/nothing"])("has nothing at %s", async (path) => {
  expect(await hub.client().get(path)).toMatchObject({ status: 404, body: { code: "not_found" } });
});

it.each(["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2f..%2fsecret.txt"])(
  "stays inside for %s",
  async (path) => {
    expect((await hub.client().get(path)).body).not.toBe("secret");
  },
);
