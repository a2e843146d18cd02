import { afterAll, beforeAll, expect, it } from "vitest";
import { HubInfo } from "#shared/api/hub.ts";
import packageJson from "../../../package.json" with { type: "json" };
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({ zone: "beacons.example" });
});
afterAll(() => hub.stop());

it("tells its zone and its version to whoever is signed in", async () => {
  const expected = { zone: "beacons.example", version: packageJson.version };
  for (const client of [await hub.operator(), await hub.owner("ada@example.org")]) {
    const { status, body } = await client.get("/api/hub");
    expect([status, HubInfo.parse(body)]).toEqual([200, expected]);
  }
});

it("tells nobody else", async () => {
  expect(await hub.client().get("/api/hub")).toMatchObject({ status: 401, body: { code: "not_signed_in" } });
});
