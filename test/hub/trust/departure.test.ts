import { existsSync } from "node:fs";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openIdentity } from "#agent/identity.ts";
import type { GoodbyeStatement } from "#shared/protocol/statement.ts";
import { until } from "../provisioning/until.ts";
import { dial, inventoryOf, sayHello } from "../test-agent.ts";
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
const isForgotten = async (id: string) => (await hub.beacons.get(id)) === undefined;
const untilForgotten = (id: string) => until(() => isForgotten(id), Boolean);

/** What the books need. */
const kept = ["purchase"];
/** Everything that the hub still has of a beacon, in whatever table that names beacons. */
async function leftOf(id: string) {
  const counts: Record<string, number> = {};
  for (const { name, columns } of await hub.db.introspection.getTables()) {
    if (kept.includes(name) || !columns.some((column) => column.name === "beacon")) continue;
    const { rows } = await sql`select 1 from ${sql.table(name)} where beacon = ${id}`.execute(hub.db);
    counts[name] = rows.length;
  }
  const row = await hub.db.selectFrom("beacon").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  const audit = await hub.db.selectFrom("audit").select(["action"]).where("subject", "=", id).execute();
  return { counts, row, audit: audit.map(({ action }) => action) };
}

describe("a beacon that leaves", () => {
  it("by its own wish obeys nobody from that moment on, and the hub forgets all but its name and the purchase", async () => {
    const beacon = await start("free");
    const operator = await hub.operator();
    await operator.post(`/api/beacons/${beacon.id}/commands`, { name: "module.install", input: { module: "page" } });
    const silence = { rule: "disk-full", subject: "/", hours: 1, why: "it moves" };
    expect((await operator.post(`/api/beacons/${beacon.id}/silences`, silence)).status).toBe(200);
    beacon.agent.departure.begin("free@example.org");
    expect(beacon.agent.keys.current()).toEqual({});
    expect(existsSync(beacon.keyFile)).toBe(false);
    await untilForgotten(beacon.id);
    const { counts, row, audit } = await leftOf(beacon.id);
    expect(Object.keys(counts)).toEqual(
      expect.arrayContaining(["beacon_inventory", "command", "rollup", "alert_delivery", "alert_silence"]),
    );
    expect(new Set(Object.values(counts))).toEqual(new Set([0]));
    expect(row).toMatchObject({ name: "free", email: "", public_key: null, provider_id: null });
    expect(row.left_at).not.toBeNull();
    expect(audit).toEqual(["beacon.leave"]);
    expect((await operator.get(`/api/beacons/${beacon.id}/overview`)).status).toBe(404);
    expect(beacon.agent.status.view().state).toBe("left");
  });

  it("by its owner's wish at the hub does so, confirmed by its name", async () => {
    const beacon = await start("owned");
    const owner = await hub.owner("owned@example.org");
    const path = `/api/beacons/${beacon.id}/leave`;
    expect((await owner.post(path, { confirm: "other" })).status).toBe(400);
    expect((await (await hub.owner("bob@example.org")).post(path, { confirm: "owned" })).status).toBe(404);
    expect(await isForgotten(beacon.id)).toBe(false);
    expect((await owner.post(path, { confirm: "owned" })).status).toBe(204);
    await untilForgotten(beacon.id);
    expect(beacon.agent.departure.isGone()).toBe(true);
    expect((await leftOf(beacon.id)).audit).toEqual(["beacon.leave"]);
  });

  it("is told so when it comes, if it was away when its owner wished it; until then it takes no command", async () => {
    const beacon = await start("later");
    await beacon.agent.stop();
    const owner = await hub.owner("later@example.org");
    for (let times = 0; times < 2; times += 1) {
      expect((await owner.post(`/api/beacons/${beacon.id}/leave`, { confirm: "later" })).status).toBe(204);
    }
    await hub.restart();
    expect(await isForgotten(beacon.id)).toBe(false);
    const command = { name: "module.install", input: { module: "page" } };
    expect((await owner.post(`/api/beacons/${beacon.id}/commands`, command)).status).toBe(409);
    expect((await owner.get(`/api/beacons/${beacon.id}/overview`)).body).toMatchObject({
      leavingSince: expect.any(Number),
    });
    await beacon.restart();
    await untilForgotten(beacon.id);
  });

  it("ends the same when it was killed after it had left, before the hub heard of it", async () => {
    const beacon = await start("killed");
    await hub.halt();
    beacon.agent.departure.begin("killed@example.org");
    expect(beacon.agent.departure.isGone()).toBe(true);
    await beacon.restart();
    expect(beacon.agent.departure.isGone()).toBe(true);
    expect(beacon.agent.keys.current()).toEqual({});
    await hub.restart();
    await untilForgotten(beacon.id);
    await beacon.restart();
    expect(beacon.agent.status.view().state).toBe("left");
  });

  it("may say goodbye twice: the hub was killed before its answer came", async () => {
    const beacon = await hub.enrolled("twice");
    const { beacon: id } = beacon.enrolment;
    const identity = openIdentity(`${hub.config.dataDirectory}/twice.key`);
    await hub.db.updateTable("beacon").set({ public_key: identity.publicKey() }).where("id", "=", id).execute();
    const said: GoodbyeStatement = { beacon: id, hub: hub.url, at: Date.now(), actor: "ada@example.org" };
    const statement = identity.sign("goodbye", said, id);
    expect((await hub.client().post("/api/agent/goodbye", { statement })).status).toBe(204);
    // What an agent takes for an answer, too.
    expect(await hub.client().post("/api/agent/goodbye", { statement })).toMatchObject({
      status: 401,
      body: { code: "key_refused" },
    });
    const link = await dial(hub.url);
    await sayHello(hub.url, link, beacon);
    expect((await link.take("refuse")).problem.code).toBe("key_refused");
  });

  it("is not sent away by somebody else", async () => {
    const beacon = await hub.enrolled("stays");
    const { beacon: id } = beacon.enrolment;
    const link = await beacon.connect();
    link.send({ type: "inventory", inventory: inventoryOf("stays.localhost") });
    await link.take("ack");
    const stranger = openIdentity(`${hub.config.dataDirectory}/stranger.key`);
    const say = (said: GoodbyeStatement) =>
      hub.client().post("/api/agent/goodbye", { statement: stranger.sign("goodbye", said, id) });
    const at = Date.now();
    expect((await say({ beacon: id, hub: hub.url, at, actor: "eve" })).status).toBe(401);
    await hub.db.updateTable("beacon").set({ public_key: stranger.publicKey() }).where("id", "=", id).execute();
    expect((await say({ beacon: id, hub: "https://other.example", at, actor: "eve" })).status).toBe(401);
    expect((await say({ beacon: "bcn_12345678-other", hub: hub.url, at, actor: "eve" })).status).toBe(401);
    expect(await isForgotten(id)).toBe(false);
    await link.close();
  });

  it("keeps its name to itself: it leads there still", async () => {
    const operator = await hub.operator();
    const order = { email: "new@example.org", beacon: "free", modules: [] };
    expect(await operator.post("/api/orders", order)).toMatchObject({ status: 409 });
  });
});
