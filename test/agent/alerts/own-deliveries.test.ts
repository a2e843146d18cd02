import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PATIENCE_MS } from "#agent/alerts/own-deliveries.ts";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import { sign } from "#shared/protocol/signing.ts";
import type { BeaconChannel } from "#shared/protocol/statement.ts";
import { type ChannelsSimulator, startChannels } from "#test/simulators/channels.ts";
import { BEACON, type FakeHub, startFakeHub } from "../fake-hub.ts";
import { type LinkedAgent, startLinkedAgent } from "../linked-agent.ts";

const START = 1_795_000_000_000;
const full = { "disk///used_bytes": 97, "disk///total_bytes": 100 };
const wellAgain = { "disk///used_bytes": 50, "disk///total_bytes": 100 };
const busy = { memory_used_bytes: 95, memory_total_bytes: 100 };

let hub: FakeHub;
let services: ChannelsSimulator;
let agent: LinkedAgent;
let time: number;
beforeEach(async () => {
  time = START;
  services = await startChannels();
  hub = await startFakeHub();
  agent = startLinkedAgent(hub, { now: () => time });
  await hub.welcomed(1);
});
afterEach(async () => {
  await agent.stop();
  await hub.stop();
  await services.stop();
});

const channel = (changes: Partial<BeaconChannel> = {}): BeaconChannel => ({
  id: "chn_00000000-slack",
  kind: "slack",
  name: "Ops",
  severities: "all",
  fromBeacons: true,
  settings: { webhookUrl: services.url("slack") },
  ...changes,
});

async function hand(...channels: BeaconChannel[]) {
  hub.send({ type: "alerting", statement: hub.alerting({ channels }) });
  await vi.waitFor(() => expect(agent.alerting.channels()).toEqual(channels));
}
const judge = (values: Record<string, number>) => agent.alerts.judge({ at: time, values });
/** What is wrong for five minutes. */
const hold = (values: Record<string, number>) => {
  for (let samples = 0; samples < 5; samples++) {
    judge(values);
    time += 60_000;
  }
};
/** A little more than the hub's time. */
const wait = () => {
  time += PATIENCE_MS + 1;
};

describe("while the hub is away, a beacon", () => {
  it("tells people itself after two minutes, once, and the hub whom it has told", async () => {
    await hand(channel());
    await hub.stop();
    judge(full);
    time += PATIENCE_MS - 1;
    await agent.ownDeliveries.deliver();
    expect(services.received).toEqual([]);
    wait();
    await agent.ownDeliveries.deliver();
    await agent.ownDeliveries.deliver();
    expect(services.received.map(({ text }) => text.includes("97 % full"))).toEqual([true]);
    await hub.start();
    const { events } = await hub.frame("event");
    expect(events).toMatchObject([{ rule: "disk-full", told: [channel().id] }]);
  });

  it("tells nobody what the hub has, nor anything before it had its time again", async () => {
    await hand(channel());
    judge(full);
    await hub.frame("event");
    await vi.waitFor(() => expect(agent.outbox.unacknowledged(1)).toEqual([]));
    wait();
    await agent.ownDeliveries.deliver();
    hub.behaviour.acknowledge = false;
    await hub.stop();
    judge(wellAgain);
    wait();
    await hub.start();
    await hub.frame("event", ({ events }) => events[0]?.kind === "resolved");
    await agent.ownDeliveries.deliver();
    expect(services.received).toEqual([]);
    wait();
    await agent.ownDeliveries.deliver();
    expect(services.received.map(({ text }) => /Over|Critical/.exec(text)?.[0])).toEqual(["Over"]);
  });

  it("tells nobody what its owner has silenced, and everybody again when that is over", async () => {
    await hand(channel());
    await hub.stop();
    agent.silences.put({ rule: "disk-full", subject: "/", hours: 1, why: "known" }, "ada@example.org");
    hold({ ...full, ...busy });
    judge({ ...full, ...busy });
    wait();
    await agent.ownDeliveries.deliver();
    const told = () => services.received.map(({ text }) => /disk|memory/.exec(text)?.[0]);
    expect(told()).toEqual(["memory"]);
    time += 3_600_000;
    judge(wellAgain);
    judge({ ...full });
    wait();
    await agent.ownDeliveries.deliver();
    expect(told().filter((what) => what === "disk")).toHaveLength(2);
  });

  it("tells each channel what it wants to hear, in order, and not during its quiet time", async () => {
    const clock = (ms: number) => new Date(ms).toISOString().slice(11, 16);
    const quietHours = { from: clock(START - 3_600_000), to: clock(START + 7_200_000), timeZone: "UTC" };
    const webhook = { url: services.url("webhook"), secret: `whsec_${"A".repeat(32)}` };
    await hand(
      channel({ quietHours }),
      channel({ id: "chn_00000000-hook", kind: "webhook", severities: "critical", settings: webhook }),
    );
    await hub.stop();
    hold(busy);
    judge({ ...busy, ...full });
    wait();
    await agent.ownDeliveries.deliver();
    const told = () =>
      services.received.map(({ service, text }) => `${service} ${/disk|memory/.exec(text)?.[0]}`).toSorted();
    expect(told()).toEqual(["slack disk", "webhook disk"]);
    time += 7_200_000;
    await agent.ownDeliveries.deliver();
    expect(told()).toEqual(["slack disk", "slack memory", "webhook disk"]);
  });

  it("tries again after a while, and gives up what is refused", async () => {
    await hand(channel());
    await hub.stop();
    judge(full);
    wait();
    services.fail(503);
    await agent.ownDeliveries.deliver();
    await agent.ownDeliveries.deliver();
    expect(services.received).toEqual([]);
    time += 600_000;
    await agent.ownDeliveries.deliver();
    expect(services.received).toHaveLength(1);
    judge(wellAgain);
    wait();
    services.fail(404);
    await agent.ownDeliveries.deliver();
    await agent.ownDeliveries.deliver();
    expect(services.received).toHaveLength(1);
    await hub.start();
    expect((await hub.frame("event")).events.map(({ told }) => told)).toEqual([[channel().id], []]);
  });

  it("does not tell the hub of an event that is on its way to a channel before it knows what came of it", async () => {
    await hand(channel());
    await hub.stop();
    judge(full);
    wait();
    const going = agent.ownDeliveries.deliver();
    await hub.start();
    await Promise.all([going, hub.welcomed(2)]);
    expect((await hub.frame("event")).events).toMatchObject([{ told: [channel().id] }]);
  });
});

describe("what the hub hands out", () => {
  it("is kept sealed, and outlives the agent's next start", async () => {
    await hand(channel());
    const stored = JSON.stringify(agent.store.prepare("select * from setting").all());
    expect(stored).not.toContain("secret-part");
    expect(JSON.stringify(agent.store.prepare("select * from command").all())).toBe("[]");
    expect(stored).toContain("alerting");
  });

  it("changes the rules", async () => {
    const rules = defaultAlertRules.map((rule) => (rule.id === "disk-full" ? { ...rule, when: { above: 99 } } : rule));
    hub.send({ type: "alerting", statement: hub.alerting({ rules }) });
    await vi.waitFor(() => expect(agent.alerting.rules()).toEqual(rules));
    judge(full);
    expect(agent.alerts.view().firing).toEqual([]);
  });

  it("is left when it is of another beacon, older, or signed by somebody else", async () => {
    await hand(channel());
    const other = channel({ settings: { webhookUrl: "https://evil.example/" } });
    const stranger = generateKeyPairSync("ed25519").privateKey;
    const content = { beacon: BEACON, revision: 9, rules: [], channels: [other] };
    for (const statement of [
      hub.alerting({ beacon: "bcn_00000000-other", channels: [other] }),
      hub.alerting({ revision: 0, channels: [other] }),
      sign("alerting", content, stranger, Object.keys(hub.enrolment.commandKeys)[0] ?? ""),
      hub.statement({}),
    ]) {
      hub.send({ type: "alerting", statement });
    }
    const ping = hub.send({ type: "ping" });
    await hub.frame("pong", (frame) => frame.ping === ping);
    expect(agent.alerting.channels()).toEqual([channel()]);
    expect(agent.lines.filter(({ level }) => level === "warn")).toHaveLength(4);
  });
});
