import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { useServedApi } from "./served-api.ts";

const served = useServedApi();

describe("the pages", () => {
  it("say how to build them when they are not there", async () => {
    expect(await served.api.ask("/")).toMatchObject({ status: 503, body: expect.stringMatching(/npm run build/) });
  });

  it("are served with a strict policy; hashed files for ever, the first page never from a cache", async () => {
    mkdirSync(served.api.path("pages/assets"), { recursive: true });
    writeFileSync(served.api.path("pages/index.html"), "<h1>beacon</h1>");
    writeFileSync(served.api.path("pages/assets/app-1a2b.js"), "1");
    writeFileSync(served.api.path("secret.txt"), "secret");
    const home = await served.api.ask("/");
    expect(home).toMatchObject({ status: 200, body: "<h1>beacon</h1>" });
    expect(home.headers).toMatchObject({ "cache-control": "no-cache", "x-content-type-options": "nosniff" });
    expect(home.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self';/);
    expect((await served.api.ask("/apps/redis")).body).toBe("<h1>beacon</h1>");
    const script = await served.api.ask("/assets/app-1a2b.js");
    expect(script.headers).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "content-type": "text/javascript; charset=utf-8",
    });
    expect((await served.api.ask("/assets/gone.js")).status).toBe(404);
    for (const path of ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt"]) {
      expect((await served.api.ask(path)).status, path).toBe(404);
    }
    expect((await served.api.ask("/%ff")).status).toBe(400);
  });
});
