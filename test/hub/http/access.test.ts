import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "#hub/id.ts";
import { PROTOCOL } from "#shared/protocol/version.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let people: Record<"nobody" | "ada" | "bob" | "operator", TestClient>;
let adas: string;
let bobs: string;
beforeAll(async () => {
  hub = await startTestHub();
  people = {
    nobody: hub.client(),
    operator: await hub.operator(),
    ada: await hub.owner("ada@example.org"),
    bob: await hub.owner("bob@example.org"),
  };
  adas = await hub.addBeacon("ada", "Ada@example.org");
  bobs = await hub.addBeacon("bob", "bob@example.org");
  const { id } = await hub.accounts.ensureOwner("bob@example.org");
  await hub.beacons.update(bobs, { owner: id });
});
afterAll(() => hub.stop());

const views = ["overview", "modules", "metrics", "commands", "events", "logs/page"];
const statuses = (path: string) =>
  Promise.all(
    (["nobody", "ada", "bob", "operator"] as const).map(async (who) => {
      const events = await people[who].events(path);
      await events.close();
      return events.status;
    }),
  );

describe("a beacon is seen by its owner and the operator, and to others it does not exist", () => {
  it.each(views)("%s", async (view) => {
    expect(await statuses(`/api/beacons/${adas}/${view}`)).toEqual([401, 200, 404, 200]);
    expect(await statuses(`/api/beacons/${bobs}/${view}`)).toEqual([401, 404, 200, 200]);
  });

  it("and cannot be commanded by them", async () => {
    const stop = { name: "module.stop", input: { instance: "page" } };
    expect((await people.bob.post(`/api/beacons/${adas}/commands`, stop)).status).toBe(404);
    expect((await people.bob.post(`/api/beacons/${adas}/plan`, stop)).status).toBe(404);
    expect((await people.bob.post(`/api/beacons/${adas}/visit`)).status).toBe(404);
    expect((await people.nobody.post(`/api/beacons/${adas}/commands`, stop)).status).toBe(401);
    expect((await people.operator.get(`/api/beacons/${adas}/commands`)).body).toEqual({ commands: [] });
    expect((await people.ada.post(`/api/beacons/${adas}/commands`, stop)).status).toBe(202);
  });

  it("in the list as well", async () => {
    const names = async (who: TestClient) => JSON.stringify((await who.get("/api/beacons")).body);
    expect(await names(people.ada)).toMatch(/"name":"ada"/);
    expect(await names(people.ada)).not.toMatch(/"name":"bob"/);
    expect(await names(people.operator)).toMatch(/"name":"ada".*"name":"bob"/);
  });

  it("nor is one that was removed, by anybody", async () => {
    const gone = await hub.addBeacon("gone", "ada@example.org");
    await hub.beacons.remove(gone);
    expect(await statuses(`/api/beacons/${gone}/overview`)).toEqual([401, 404, 404, 404]);
  });
});

describe("only the operator", () => {
  it.each(["/api/jobs", "/api/audit", "/metrics", `/api/jobs/${newId("job")}`])("reads %s", async (path) => {
    const [nobody, ada, bob, operator] = await statuses(path);
    expect([nobody, ada, bob]).toEqual([401, 403, 403]);
    expect([200, 404]).toContain(operator);
  });

  it("orders, and finds the job", async () => {
    const order = { email: "carl@example.org", beacon: "carl", modules: ["page"] };
    expect((await people.ada.post("/api/orders", order)).status).toBe(403);
    expect((await people.nobody.post("/api/orders", order)).status).toBe(401);
    const { status, body } = await people.operator.post("/api/orders", order);
    expect([status, body]).toEqual([202, expect.objectContaining({ beaconName: "carl", email: order.email })]);
    const { id } = JSON.parse(JSON.stringify(body));
    expect((await people.operator.get(`/api/jobs/${id}`)).body).toMatchObject({ id });
    expect((await people.operator.post(`/api/jobs/${id}/cancel`)).status).toBe(202);
    expect((await people.ada.post(`/api/jobs/${id}/retry`)).status).toBe(403);
  });
});

describe("what is wrong with a request is said as a problem", () => {
  const cases: [string, () => ReturnType<TestClient["get"]>, number, string][] = [
    ["a path that is not there", () => people.operator.get("/api/nothing"), 404, "not_found"],
    ["a method that is not there", () => people.operator.put("/api/setup", {}), 404, "not_found"],
    ["a body that is not there", () => people.operator.post("/api/orders"), 400, "invalid_input"],
    ["a body that is too large", () => people.operator.post("/api/orders", "x".repeat(300_000)), 413, "too_large"],
    ["an id of the wrong form", () => people.operator.get("/api/jobs/1"), 400, "invalid_input"],
    ["a number that is none", () => people.operator.get("/api/audit?limit=many"), 400, "invalid_input"],
    ["an unknown job", () => people.operator.get(`/api/jobs/${newId("job")}`), 404, "not_found"],
  ];
  it.each(cases)("%s", async (_, ask, status, code) => {
    const answer = await ask();
    expect(answer).toMatchObject({
      status,
      body: { status, code, instance: expect.stringMatching(/^urn:wopr:request:/) },
    });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("x-request-id")).toBeTruthy();
  });

  it("also when the body is not JSON", async () => {
    const response = await fetch(`${hub.url}/api/setup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{",
    });
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ code: "invalid_input" })]);
  });
});

describe("everybody", () => {
  it("sees that the hub is well, its keys for tokens, its catalog, and a page", async () => {
    expect((await people.nobody.get("/health")).body).toEqual({ status: "ok", protocol: PROTOCOL });
    const { body } = await people.nobody.get("/.well-known/jwks.json");
    expect(body).toEqual({ keys: [expect.objectContaining({ kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" })] });
    expect(JSON.stringify(body)).not.toMatch(/command|"d":/);
    expect((await people.nobody.get("/api/modules")).body).toMatchObject({ modules: [{ id: "page", core: false }] });
    const page = await people.nobody.get("/fleet");
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining("not built yet") });
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  });

  it("finds metrics behind the operator's session", async () => {
    const { body } = await people.operator.get("/metrics");
    expect(body).toMatch(/^wopr_beacons_online 0$/m);
    expect(body).toMatch(/^wopr_commands\{state="queued"\} 1$/m);
  });
});
