import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { beaconClient } from "#cli/beacon-client.ts";
import { NewEnrolmentToken } from "#shared/api/hub.ts";
import { closeCodes } from "#shared/protocol/frames.ts";
import { KEYS_FOLLOW_SINCE, OLDEST_PROTOCOL, PROTOCOL } from "#shared/protocol/version.ts";
import { until } from "../provisioning/until.ts";
import { connect, createAgentKey, dial, sayHello } from "../test-agent.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import { type LinkedBeacon, startLinkedBeacon } from "./linked-beacon.ts";

let hub: TestHub;
const linked: LinkedBeacon[] = [];
beforeAll(async () => {
  hub = await startTestHub();
});
afterEach(async () => {
  for (const beacon of linked.splice(0)) await beacon.stop();
});
afterAll(() => hub.stop());

const start = async (name: string) => {
  const beacon = await startLinkedBeacon(hub, name);
  linked.push(beacon);
  await beacon.untilLinked();
  return beacon;
};
const revoke = async (id: string, name: string) =>
  (await hub.operator()).post(`/api/beacons/${id}/revoke`, { confirm: name });
const reissue = async (id: string) =>
  NewEnrolmentToken.parse((await (await hub.operator()).post(`/api/beacons/${id}/enrolment`)).body).token;
const redeem = (token: string, { publicKey } = createAgentKey()) =>
  hub.client().post("/api/agent/enrol", { token, publicKey, agentVersion: "1.2.3", hostname: "again" });

describe("a beacon whose agent is shut out", () => {
  it("loses its link at once, with the code that says so, and gets in no more", async () => {
    const beacon = await hub.enrolled("cut");
    const { beacon: id } = beacon.enrolment;
    const link = await beacon.connect();
    expect((await revoke(id, "cut")).status).toBe(204);
    expect(await link.closed).toEqual({ code: closeCodes.revoked, reason: "revoked" });
    await until(
      async () => (await (await hub.operator()).get(`/api/beacons/${id}/overview`)).body,
      (body) => JSON.stringify(body).includes('"online":false'),
    );
    for (const protocol of [OLDEST_PROTOCOL, PROTOCOL]) {
      const again = await dial(hub.url);
      await sayHello(hub.url, again, { ...beacon, protocol });
      expect((await again.closed).code).toBe(closeCodes.revoked);
      expect(again.waiting("refuse")).toBe(protocol < KEYS_FOLLOW_SINCE ? 0 : 1);
      expect(again.waiting("welcome")).toBe(0);
    }
    await hub.restart();
    const after = await dial(hub.url);
    await sayHello(hub.url, after, beacon);
    expect((await after.take("refuse")).problem.code).toBe("beacon_revoked");
    const { body } = await (await hub.operator()).get("/api/audit");
    expect(JSON.stringify(body)).toContain('"beacon.revoke"');
  });

  it("leaves no command open: what it had not answered ends as lost, what it never got as expired", async () => {
    const beacon = await hub.enrolled("open");
    const { beacon: id } = beacon.enrolment;
    const operator = await hub.operator();
    const order = { name: "module.install", input: { module: "page" } };
    const give = async () => String(Object((await operator.post(`/api/beacons/${id}/commands`, order)).body).id);
    const link = await beacon.connect();
    const sent = await give();
    await link.take("command");
    await link.close();
    const queued = await give();
    await revoke(id, "open");
    const stateOf = async (command: string) =>
      Object((await operator.get(`/api/beacons/${id}/commands/${command}`)).body).state;
    await until(
      () => stateOf(sent),
      (state) => state === "lost",
    );
    await until(
      () => stateOf(queued),
      (state) => state === "expired",
    );
  });

  it("is told so only if it can show that it was the one", async () => {
    const beacon = await hub.enrolled("impostor");
    await revoke(beacon.enrolment.beacon, "impostor");
    const link = await dial(hub.url);
    await sayHello(hub.url, link, { ...beacon, key: createAgentKey() });
    expect((await link.take("refuse")).problem.code).toBe("key_refused");
  });

  it("goes on, is asked no more than it is patient for, says why, and takes no command", async () => {
    const beacon = await start("patient");
    expect((await revoke(beacon.id, "patient")).status).toBe(204);
    const seen = await until(
      async () => beacon.agent.status.view(),
      ({ state }) => state === "revoked",
    );
    expect(seen).toMatchObject({ problem: { code: "beacon_revoked" }, retryAt: expect.any(Number) });
    const given = await (await hub.operator()).post(`/api/beacons/${beacon.id}/commands`, {
      name: "module.install",
      input: { module: "page" },
    });
    expect(given).toMatchObject({ status: 409, body: { code: "conflict", hint: expect.stringMatching(/Enrol/) } });
    expect(beacon.agent.queue.list(10)).toEqual([]);
    // Given on the beacon itself it is still taken.
    const command = {
      id: "cmd_12345678",
      sequence: null,
      name: "module.install",
      input: { module: "page" },
      actor: "root",
    };
    expect(beacon.agent.queue.accept(command).state).not.toBe("failed");
  });

  it("does not ask at once when it is started again: once an hour at most", async () => {
    const beacon = await start("restless");
    await revoke(beacon.id, "restless");
    await until(
      async () => beacon.agent.status.view().state,
      (state) => state === "revoked",
    );
    await beacon.restart();
    expect(beacon.agent.status.view().state).toBe("revoked");
    expect(beacon.agent.status.holdMs()).toBeGreaterThan(3_500_000);
    const later = Date.now() + 3_600_001;
    await beacon.restart({ now: () => later });
    expect(beacon.agent.status.holdMs()).toBe(0);
  });

  it("is shut out by the operator alone, who confirms it by its name", async () => {
    const { beacon: id } = (await hub.enrolled("named", "nora@example.org")).enrolment;
    const owner = await hub.owner("nora@example.org");
    expect((await owner.post(`/api/beacons/${id}/revoke`, { confirm: "named" })).status).toBe(403);
    expect((await owner.post(`/api/beacons/${id}/enrolment`)).status).toBe(403);
    expect((await hub.client().post(`/api/beacons/${id}/revoke`, { confirm: "named" })).status).toBe(401);
    expect(await revoke(id, "other")).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("named") },
    });
    expect((await hub.beacons.get(id))?.revokedAt).toBeUndefined();
  });

  it("is shut out over the socket of the hub's machine too", async () => {
    const beacon = await hub.enrolled("socket");
    const link = await beacon.connect();
    const client = beaconClient(join(hub.config.dataDirectory, "root.sock"));
    await client.post(`beacons/${beacon.enrolment.beacon}/revoke`, { confirm: "socket" }, z.unknown());
    expect((await link.closed).code).toBe(closeCodes.revoked);
  });
});

describe("enrolling again", () => {
  it("brings another agent in after the first was shut out, and never the first one's key", async () => {
    const beacon = await hub.enrolled("return");
    const { beacon: id } = beacon.enrolment;
    await revoke(id, "return");
    const token = await reissue(id);
    expect(await redeem(token, beacon.key)).toMatchObject({ status: 403, body: { code: "beacon_revoked" } });
    const key = createAgentKey();
    expect((await redeem(token, key)).status).toBe(200);
    await (await connect(hub.url, { enrolment: beacon.enrolment, key })).close();
    expect((await hub.beacons.get(id))?.revokedAt).toBeUndefined();
  });

  it("leaves the present agent in until the new one has proved its key, and not a moment longer", async () => {
    const beacon = await hub.enrolled("overlap");
    const { beacon: id } = beacon.enrolment;
    const key = createAgentKey();
    const token = await reissue(id);
    const first = await redeem(token, key);
    expect(first.status).toBe(200);
    // The answer was lost: the same again.
    expect((await redeem(token, key)).body).toEqual(first.body);
    const before = await beacon.connect();
    const after = await connect(hub.url, { enrolment: beacon.enrolment, key });
    expect((await before.closed).code).toBe(closeCodes.replaced);
    expect(await hub.beacons.get(id)).toMatchObject({ publicKey: key.publicKey, nextPublicKey: undefined });
    const old = await dial(hub.url);
    await sayHello(hub.url, old, beacon);
    expect((await old.take("refuse")).problem.code).toBe("key_refused");
    await after.close();
  });

  it("gives a token that works once, for an hour, is told once and is in no log", async () => {
    const { beacon: id } = (await hub.enrolled("once")).enrolment;
    const older = await reissue(id);
    const token = await reissue(id);
    expect(await redeem(older)).toMatchObject({ body: { code: "enrolment_token_unknown" } });
    expect((await redeem(token)).status).toBe(200);
    expect(await redeem(token)).toMatchObject({ status: 401, body: { code: "enrolment_token_used" } });
    const last = await reissue(id);
    hub.advance(3_600_000);
    expect(await redeem(last)).toMatchObject({ body: { code: "enrolment_token_expired" } });
    const { body } = await (await hub.operator()).get("/api/audit");
    for (const secret of [older, token, last]) expect(JSON.stringify(body)).not.toContain(secret);
  });
});
