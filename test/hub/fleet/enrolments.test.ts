import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAgentKey } from "../test-agent.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

const HOUR_MS = 3_600_000;

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

const redeem = (token: string, { publicKey } = createAgentKey()) =>
  hub.client().post("/api/agent/enrol", { token, publicKey, agentVersion: "1.2.3", hostname: "ada" });

describe("an enrolment token", () => {
  it("gives an agent its identity, and the same agent again when the answer was lost", async () => {
    const beacon = await hub.addBeacon("ada");
    const token = await hub.issueToken(beacon);
    const key = createAgentKey();
    const first = await redeem(token, key);
    expect(first).toMatchObject({
      status: 200,
      body: {
        beacon,
        name: "ada",
        domain: "ada.localhost",
        owner: "owner@example.org",
        commandKeys: expect.anything(),
      },
    });
    hub.advance(HOUR_MS);
    expect((await redeem(token, key)).body).toEqual(first.body);
    expect(await hub.beacons.get(beacon)).toMatchObject({ publicKey: key.publicKey, agentVersion: "1.2.3" });
  });

  it("is refused to another key, which changes nothing", async () => {
    const beacon = await hub.addBeacon("bob");
    const token = await hub.issueToken(beacon);
    const key = createAgentKey();
    await redeem(token, key);
    expect(await redeem(token)).toMatchObject({ status: 401, body: { code: "enrolment_token_used" } });
    expect(await hub.beacons.get(beacon)).toMatchObject({ publicKey: key.publicKey });
  });

  it("makes one of two agents that come at once its beacon's", async () => {
    const token = await hub.issueToken(await hub.addBeacon("race"));
    const answers = await Promise.all([redeem(token), redeem(token), redeem(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  it("dies within an hour", async () => {
    const token = await hub.issueToken(await hub.addBeacon("late"));
    hub.advance(HOUR_MS);
    expect(await redeem(token)).toMatchObject({ status: 401, body: { code: "enrolment_token_expired" } });
  });

  it("dies when a newer one is made", async () => {
    const beacon = await hub.addBeacon("newer");
    const older = await hub.issueToken(beacon);
    const newer = await hub.issueToken(beacon);
    expect(await redeem(older)).toMatchObject({ status: 401, body: { code: "enrolment_token_unknown" } });
    expect((await redeem(newer)).status).toBe(200);
  });

  it("dies with its beacon", async () => {
    const beacon = await hub.addBeacon("gone");
    const token = await hub.issueToken(beacon);
    await hub.beacons.remove(beacon);
    expect(await redeem(token)).toMatchObject({ status: 401, body: { code: "enrolment_token_unknown" } });
  });

  it("is not in the database", async () => {
    const token = await hub.issueToken(await hub.addBeacon("hashed"));
    const rows = await hub.db.selectFrom("enrolment_token").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

it("refuses what is not a request to enrol", async () => {
  expect(await redeem("never-issued-never-issued")).toMatchObject({ body: { code: "enrolment_token_unknown" } });
  const wrong = { token: "x".repeat(30), publicKey: "short", agentVersion: "1", hostname: "a" };
  expect(await hub.client().post("/api/agent/enrol", wrong)).toMatchObject({
    status: 400,
    body: { code: "invalid_input", message: expect.stringContaining("publicKey") },
  });
});
