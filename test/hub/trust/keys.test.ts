import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openIdentity } from "#agent/identity.ts";
import { KeysView } from "#shared/api/trust.ts";
import { Problem } from "#shared/problem.ts";
import { until } from "../provisioning/until.ts";
import { connect, dial, readCommand, sayHello } from "../test-agent.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import { type LinkedBeacon, startLinkedBeacon } from "./linked-beacon.ts";

const DAY_MS = 86_400_000;

let hub: TestHub;
const linked: LinkedBeacon[] = [];
beforeAll(async () => {
  hub = await startTestHub();
});
afterEach(async () => {
  for (const beacon of linked.splice(0)) await beacon.stop();
});
afterAll(() => hub.stop());

const start = async (name: string, now = () => hub.now()) => {
  const beacon = await startLinkedBeacon(hub, name, { now });
  linked.push(beacon);
  await beacon.untilLinked();
  return beacon;
};
const rotateHub = async () => {
  const { status, body } = await (await hub.operator()).post("/api/keys/rotate");
  expect(status).toBe(200);
  return String(Object(body).key);
};
const shown = async (path: string) => KeysView.parse((await (await hub.operator()).get(`/api/${path}`)).body);
const order = { name: "module.install", input: { module: "page" } };
const give = async (beacon: string) =>
  String(Object((await (await hub.operator()).post(`/api/beacons/${beacon}/commands`, order)).body).id);
const stateOf = async (beacon: string, command: string) =>
  Object((await (await hub.operator()).get(`/api/beacons/${beacon}/commands/${command}`)).body).state;
const untilDone = (beacon: string, command: string) =>
  until(
    () => stateOf(beacon, command),
    (state) => ["done", "failed"].includes(String(state)),
  );

describe("the hub's signing key", () => {
  it("is followed by another while agents are there, which obey it at once", async () => {
    const beacon = await start("there");
    expect(await untilDone(beacon.id, await give(beacon.id))).toBe("done");
    const key = await rotateHub();
    expect(await untilDone(beacon.id, await give(beacon.id))).toBe("done");
    expect(Object.keys(beacon.agent.keys.current())).toContain(key);
    await beacon.restart();
    await beacon.untilLinked();
    expect(await untilDone(beacon.id, await give(beacon.id))).toBe("done");
  });

  it("is shown to the operator alone, with the one before it and until when that counts", async () => {
    const before = await shown("keys");
    const key = await rotateHub();
    const after = await shown("keys");
    expect(after).toMatchObject({ active: key, since: expect.any(Number) });
    expect(after.before.at(-1)).toEqual({ id: before.active, until: (after.since ?? 0) + 30 * DAY_MS });
    expect((await (await hub.owner("curious@example.org")).get("/api/keys")).status).toBe(403);
    hub.advance(31 * DAY_MS);
    expect((await shown("keys")).before).toEqual([]);
  });

  it("is learnt by an agent that was away for several of them, each from the one before; the old ones count no more", async () => {
    const beacon = await start("away");
    const known = Object.keys(beacon.agent.keys.current());
    await beacon.agent.stop();
    const command = await give(beacon.id);
    for (let times = 0; times < 3; times += 1) {
      await rotateHub();
      hub.advance(31 * DAY_MS);
    }
    await hub.restart();
    await beacon.restart();
    await beacon.untilLinked();
    expect(await untilDone(beacon.id, await give(beacon.id))).toBe("done");
    // What was given with the first key, a hundred days ago, has expired meanwhile, and was not carried out.
    expect(await stateOf(beacon.id, command)).toBe("expired");
    for (const id of known) expect(Object.keys(beacon.agent.keys.current())).not.toContain(id);
    const file = readFileSync(join(hub.config.dataDirectory, "command-key.json"), "utf8");
    for (const id of known) expect(file).not.toContain(`"id":"${id}"`);
  });

  it("signs what is given from now on; what was given before is carried out all the same", async () => {
    const beacon = await hub.enrolled("between");
    const { beacon: id } = beacon.enrolment;
    const before = await give(id);
    await rotateHub();
    const after = await give(id);
    // This agent knows the first key alone; it is told of the second one before the welcome that is signed with it.
    await expect(connect(hub.url, beacon)).rejects.toBeInstanceOf(Problem);
    const again = await dial(hub.url);
    await sayHello(hub.url, again, beacon);
    const { statements } = await again.take("keys");
    const named = statements.map(({ payload }) => JSON.parse(payload).key);
    const commandKeys = {
      ...beacon.enrolment.commandKeys,
      ...Object.fromEntries(named.map((key) => [key.id, key.publicKey])),
    };
    const enrolment = { ...beacon.enrolment, commandKeys };
    expect(readCommand(await again.take("command"), beacon.enrolment).id).toBe(before);
    expect(readCommand(await again.take("command"), enrolment).id).toBe(after);
    await again.close();
  });

  it("does not change while an agent is there that would not understand", async () => {
    const beacon = await hub.enrolled("elder");
    const link = await dial(hub.url);
    await sayHello(hub.url, link, { ...beacon, protocol: 2 });
    await until(
      async () => (await (await hub.operator()).get(`/api/beacons/${beacon.enrolment.beacon}/overview`)).body,
      (body) => JSON.stringify(body).includes('"online":true'),
    );
    expect(await (await hub.operator()).post("/api/keys/rotate")).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining("protocol 2") },
    });
    await link.close();
  });

  it("of tokens is followed by another; both are published for a day", async () => {
    const kids = async () =>
      Object((await hub.client().get("/.well-known/jwks.json")).body).keys.map(({ kid }: { kid: string }) => kid);
    const before = await kids();
    await (await hub.operator()).post("/api/token-keys/rotate");
    const after = await kids();
    const view = await shown("token-keys");
    const until = (view.since ?? 0) + DAY_MS;
    expect(view).toMatchObject({ active: after.at(-1), before: [{ id: before[0], until }] });
    expect(after).toEqual([...before, expect.any(String)]);
    hub.advance(DAY_MS + 1);
    expect(await kids()).toEqual(after.slice(-1));
  });
});

describe("the agent's key", () => {
  const published = async (id: string) => (await hub.beacons.get(id))?.publicKey;

  it("is followed by another, which is proved at once and counts alone from then on", async () => {
    const beacon = await start("young", Date.now);
    const before = beacon.agent.identity.publicKey();
    beacon.agent.rotation.begin();
    const after = await until(
      () => published(beacon.id),
      (key) => key !== before,
    );
    expect(beacon.agent.identity.publicKey()).toBe(after);
    expect((await hub.beacons.get(beacon.id))?.nextPublicKey).toBeUndefined();
    expect(existsSync(`${beacon.keyFile}.next`)).toBe(false);
    await beacon.untilLinked();
    const { body } = await (await hub.operator()).get("/api/audit");
    expect(JSON.stringify(body)).toContain('"beacon.new-key"');
  });

  it("is changed by itself when it is old", async () => {
    const beacon = await start("aged");
    const before = await published(beacon.id);
    await beacon.restart({ now: () => hub.now() + 91 * DAY_MS });
    await until(
      () => published(beacon.id),
      (key) => key !== before,
    );
  });

  const deaths: [string, (keyFile: string, prepare: () => void, announce: () => Promise<void>) => Promise<void>][] = [
    ["before the hub heard of the new one", async (_file, prepare) => prepare()],
    [
      "after the hub stored it, before the agent heard so",
      async (_file, prepare, announce) => {
        prepare();
        await announce();
      },
    ],
    [
      "after the agent took it, before the hub saw it",
      async (file, prepare, announce) => {
        prepare();
        await announce();
        renameSync(`${file}.next`, file);
      },
    ],
  ];
  it.each(deaths)("opens the door when the agent was killed %s", async (what, die) => {
    const beacon = await start(`dead-${what.length}`, Date.now);
    const before = await published(beacon.id);
    let announced = "";
    await beacon.agent.stop();
    const identity = openIdentity(beacon.keyFile);
    const announce = async () => {
      await hub.beacons.announceKey(beacon.id, announced, { actor: "agent", action: "test", subject: beacon.id });
    };
    await die(
      beacon.keyFile,
      () => {
        announced = identity.prepare();
      },
      announce,
    );
    await beacon.restart();
    await until(
      () => published(beacon.id),
      (key) => key !== before && key === announced,
    );
    await beacon.untilLinked();
    expect(existsSync(`${beacon.keyFile}.next`)).toBe(false);
  });

  it("is not replaced by one that nobody holds", async () => {
    const beacon = await hub.enrolled("thief");
    const link = await beacon.connect();
    const other = openIdentity(join(hub.config.dataDirectory, "thief.key"));
    const { statement } = other.succession(beacon.enrolment.beacon);
    link.send({ type: "rotate", statement, proof: statement });
    expect((await link.closed).reason).toBe("signature_invalid");
    expect((await hub.beacons.get(beacon.enrolment.beacon))?.nextPublicKey).toBeUndefined();
  });
});
