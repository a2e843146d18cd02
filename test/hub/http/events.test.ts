import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandView } from "#shared/api/beacon.ts";
import { FleetEvent } from "#shared/api/hub.ts";
import type { InstanceStatus } from "#shared/inventory.ts";
import { until } from "../provisioning/until.ts";
import { inventoryOf, resultOf } from "../test-agent.ts";
import type { TestClient, TestEvents } from "../test-client.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let operator: TestClient;
beforeAll(async () => {
  hub = await startTestHub();
  operator = await hub.operator();
});
afterAll(() => hub.stop());

let beacons = 0;
const newBeacon = () => hub.enrolled(`beacon-${++beacons}`, "ada@example.org");
const nextWhere = async (events: TestEvents, event: string, holds: (text: string) => boolean) => {
  for (;;) {
    const data = await events.next(event);
    if (holds(JSON.stringify(data))) return data;
  }
};

describe("events of a beacon", () => {
  it("tell of its coming, its inventory, its commands and its going", async () => {
    const beacon = await newBeacon();
    const id = beacon.enrolment.beacon;
    const events = await operator.events(`/api/beacons/${id}/events`);
    const link = await beacon.connect();
    expect(await events.next("overview")).toMatchObject({ id, online: true });
    link.send({ type: "inventory", inventory: inventoryOf(beacon.enrolment.domain) });
    await nextWhere(events, "overview", (text) => text.includes("dashboardUrl"));

    const request = { name: "module.stop", input: { instance: "page" } };
    const command = CommandView.parse((await operator.post(`/api/beacons/${id}/commands`, request)).body).id;
    expect(await events.next("command")).toMatchObject({ id: command, state: "queued" });
    expect(await events.next("command")).toMatchObject({ id: command, state: "sent" });
    link.send({ type: "accepted", command });
    expect(await events.next("command")).toMatchObject({ state: "accepted" });
    link.send({ type: "progress", progress: { command, at: 1, step: 1, steps: 1, title: "Stop page/web" } });
    expect(await events.next("command")).toMatchObject({ progress: { title: "Stop page/web" } });
    link.send(resultOf(command));
    expect(await events.next("command")).toMatchObject({ state: "done" });
    await link.close();
    await nextWhere(events, "overview", (text) => text.includes('"online":false'));
    await events.close();
  });

  it("have the agent sample each second while somebody looks, and only then", async () => {
    const beacon = await newBeacon();
    const path = `/api/beacons/${beacon.enrolment.beacon}/events`;
    const early = await operator.events(path);
    const link = await beacon.connect();
    expect((await link.take("watch")).seconds).toBeGreaterThan(5);
    const late = await operator.events(path);
    link.send({ type: "live", sample: { at: 5, values: { cpu_percent: 12 } } });
    expect(await early.next("live")).toEqual({ at: 5, values: { cpu_percent: 12 } });
    expect(await late.next("live")).toEqual({ at: 5, values: { cpu_percent: 12 } });
    expect(link.waiting("watch")).toBe(0);
    await early.close();
    // Renewed for the one who still looks.
    await link.take("watch");
    await late.close();
    await link.close();

    const again = await beacon.connect();
    const { body } = await operator.get(`/api/beacons/${beacon.enrolment.beacon}/overview`);
    expect(body).toMatchObject({ online: true });
    expect(again.waiting("watch")).toBe(0);
    await again.close();
  });

  it("do not tell of other beacons", async () => {
    const [mine, other] = [await newBeacon(), await newBeacon()];
    const events = await operator.events(`/api/beacons/${mine.enrolment.beacon}/events`);
    await (await other.connect()).close();
    const link = await mine.connect();
    expect(await events.next("overview")).toMatchObject({ id: mine.enrolment.beacon });
    await events.close();
    await link.close();
  });
});

describe("events of the fleet", () => {
  it("tell the operator of jobs, and owners of their beacons alone", async () => {
    const ada = await hub.owner("ada@example.org");
    const mine = await newBeacon();
    const bobs = await hub.enrolled("bobs", "bob@example.org");
    const [all, own] = [await operator.events("/api/events"), await ada.events("/api/events")];
    const order = { email: "carl@example.org", beacon: "carl", modules: [] };
    await operator.post("/api/orders", order);
    expect(await all.next("job")).toMatchObject({ beaconName: "carl", state: "PENDING" });

    const links = [await bobs.connect(), await mine.connect()];
    await nextWhere(all, "beacons", (text) => text.includes('"name":"bobs"') && text.includes('"online":true'));
    expect(await own.next("beacons")).toMatchObject([{ id: mine.enrolment.beacon, online: true }]);
    await Promise.all([all.close(), own.close(), ...links.map((link) => link.close())]);
  });

  it("come together for all beacons that changed, and not more often than once a second", async () => {
    const all = await operator.events("/api/events");
    const known = await Promise.all(Array.from({ length: 6 }, newBeacon));
    const links = await Promise.all(known.map(({ connect }) => connect()));
    const online = new Set<string>();
    let times = 0;
    const from = Date.now();
    while (!known.every(({ enrolment }) => online.has(enrolment.beacon))) {
      times += 1;
      for (const { id, online: isOnline } of FleetEvent.beacons.parse(await all.next("beacons"))) {
        if (isOnline) online.add(id);
      }
    }
    expect(times).toBeLessThanOrEqual(2 + (Date.now() - from) / 1_000);
    await Promise.all([all.close(), ...links.map((link) => link.close())]);
  });

  it("count what is installed, but not what it stands on", async () => {
    const beacon = await newBeacon();
    const events = await operator.events("/api/events");
    const link = await beacon.connect();
    const instance = (name: string, core: boolean): InstanceStatus => ({
      ...{ name, module: name, title: name, version: "1.0.0", core, state: "degraded" },
      ...{ services: [], urls: [], parameters: {} },
    });
    const instances = [instance("caddy", true), instance("umami", false)];
    link.send({ type: "inventory", inventory: { ...inventoryOf(beacon.enrolment.domain), instances } });
    // Changes of beacons of other tests may come with it.
    expect(await nextWhere(events, "beacons", (text) => text.includes('"instances":1'))).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: beacon.enrolment.beacon, instances: 1, degraded: 2 })]),
    );
    await Promise.all([events.close(), link.close()]);
  });
});

describe("a plan", () => {
  const request = { name: "module.install", input: { module: "page" } };
  const plan = (id: string) => operator.post(`/api/beacons/${id}/plan`, request);

  it("is asked of the agent, and its no is passed on", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const asked = plan(beacon.enrolment.beacon);
    const query = await link.take("query");
    expect(query).toMatchObject({ name: "plan", input: request });
    const steps = [{ kind: "image.pull", title: "Pull image caddy" }];
    link.send({ type: "answer", query: query.id, output: { steps } });
    expect(await asked).toMatchObject({ status: 200, body: { steps } });

    const refused = plan(beacon.enrolment.beacon);
    const problem = { code: "out_of_memory", message: "too little" } as const;
    link.send({ type: "answer", query: (await link.take("query")).id, problem });
    expect(await refused).toMatchObject({ status: 507, body: { code: "out_of_memory" } });

    const nonsense = plan(beacon.enrolment.beacon);
    link.send({ type: "answer", query: (await link.take("query")).id, output: { steps: 5 } });
    expect(await nonsense).toMatchObject({ status: 400, body: { code: "invalid_frame" } });
    await link.close();
  });

  it("needs the agent to be there, and to stay", async () => {
    const beacon = await newBeacon();
    expect(await plan(beacon.enrolment.beacon)).toMatchObject({ status: 503, body: { code: "agent_offline" } });
    const link = await beacon.connect();
    const asked = plan(beacon.enrolment.beacon);
    await link.take("query");
    await link.close();
    expect(await asked).toMatchObject({ status: 503, body: { code: "agent_offline" } });
  });

  it("of a command that does not exist is not asked at all", async () => {
    const beacon = await newBeacon();
    const wrong = { name: "module.explode", input: {} };
    const answer = await operator.post(`/api/beacons/${beacon.enrolment.beacon}/plan`, wrong);
    expect(answer).toMatchObject({ status: 404, body: { code: "unknown_command" } });
  });
});

describe("logs", () => {
  const line = (text: string) => ({ service: "web", stream: "stdout", text });
  const path = (id: string) => `/api/beacons/${id}/logs/page?tail=10&follow=true`;

  it("flow until the agent ends them", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const events = await operator.events(path(beacon.enrolment.beacon));
    const open = await link.take("open");
    expect(open).toMatchObject({ name: "logs", input: { instance: "page", tail: 10, follow: true } });
    link.send({ type: "data", stream: open.id, items: [line("one"), line("two")] });
    expect([await events.next("line"), await events.next("line")]).toEqual([line("one"), line("two")]);
    link.send({ type: "end", stream: open.id, problem: { code: "not_found", message: "there is no page" } });
    expect(await events.next("end")).toMatchObject({ problem: { code: "not_found" } });
    await link.close();
  });

  it("are closed at the agent when the reader leaves, though nothing flows", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const events = await operator.events(path(beacon.enrolment.beacon));
    const open = await link.take("open");
    await events.close();
    expect((await link.take("close")).stream).toBe(open.id);
    await link.close();
  });

  it("end when the agent goes, or is not there", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const events = await operator.events(path(beacon.enrolment.beacon));
    await link.take("open");
    await link.close();
    expect(await events.next("end")).toMatchObject({ problem: { code: "agent_offline" } });
    const offline = await until(
      async () => operator.events(path(beacon.enrolment.beacon)),
      ({ status }) => status === 200,
    );
    expect(await offline.next("end")).toMatchObject({ problem: { code: "agent_offline" } });
  });

  it("come whole to a reader, however many lines there are at once", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const events = await operator.events(path(beacon.enrolment.beacon));
    const open = await link.take("open");
    for (let batch = 0; batch < 10; batch++) {
      const items = Array.from({ length: 1000 }, (_, nth) => line(String(batch * 1000 + nth)));
      link.send({ type: "data", stream: open.id, items });
    }
    for (let nth = 0; nth < 10_000; nth++) expect(await events.next("line")).toEqual(line(String(nth)));
    await events.close();
    await link.close();
  });
});
