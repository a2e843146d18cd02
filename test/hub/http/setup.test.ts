import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operator, startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let file: string;
beforeAll(async () => {
  hub = await startTestHub();
  file = join(hub.config.dataDirectory, "setup-code");
});
afterAll(() => hub.stop());

describe("setting the hub up", () => {
  it("needs the code from a file that only the hub's user may read", async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await hub.client().get("/api/setup")).body).toEqual({ needed: true });
    expect(await hub.client().post("/api/setup", { code: "guessed-guessed-guessed", ...operator })).toMatchObject({
      status: 403,
      body: { code: "forbidden", hint: expect.stringContaining(file) },
    });
  });

  it("keeps the code over a restart", async () => {
    const code = readFileSync(file, "utf8");
    await hub.restart();
    expect(readFileSync(file, "utf8")).toBe(code);
  });

  const wrong = [
    ["a short password", { password: "short" }, "password"],
    ["no address", { email: "nobody" }, "email"],
    ["a role", { role: "operator" }, "role"],
  ] as const;
  it.each(wrong)("refuses %s", async (_, lie, named) => {
    hub.advance(61_000);
    const code = readFileSync(file, "utf8");
    expect(await hub.client().post("/api/setup", { code, ...operator, ...lie })).toMatchObject({
      status: 400,
      body: { code: "invalid_input", message: expect.stringContaining(named) },
    });
  });

  it("makes the operator, signs in and uses the code up", async () => {
    hub.advance(61_000);
    const code = readFileSync(file, "utf8");
    const client = hub.client();
    expect(await client.post("/api/setup", { code, ...operator })).toMatchObject({
      status: 201,
      body: { email: operator.email, role: "operator" },
    });
    expect((await client.get("/api/me")).body).toMatchObject({ email: operator.email, role: "operator" });
    expect(existsSync(file)).toBe(false);
    expect((await client.get("/api/setup")).body).toEqual({ needed: false });
    expect(await hub.client().post("/api/setup", { code, ...operator, email: "second@example.org" })).toMatchObject({
      status: 409,
      body: { code: "conflict" },
    });
    await hub.restart();
    expect(existsSync(file)).toBe(false);
  });

  it("cannot be tried endlessly", async () => {
    hub.advance(61_000);
    const attempts = [];
    for (let nth = 0; nth < 6; nth++) attempts.push(await hub.client().post("/api/setup", { code: "x", ...operator }));
    expect(attempts.map(({ status }) => status)).toEqual([409, 409, 409, 409, 409, 429]);
    expect(attempts.at(-1)?.headers.get("retry-after")).toMatch(/^\d+$/);
  });
});
