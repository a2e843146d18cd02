import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Mailbox, startMailbox } from "#scripts/mailbox.ts";
import { ChannelsView } from "#shared/api/channels.ts";
import { type ChannelsSimulator, startChannels } from "#test/simulators/channels.ts";
import { until } from "../provisioning/until.ts";
import type { TestLink } from "../test-agent.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";
import { addChannel, eventOf, report, secret } from "./alerted.ts";

const HOUR_MS = 3_600_000;

let hub: TestHub;
let services: ChannelsSimulator;
let mailbox: Mailbox;
let operator: TestClient;
let beacon: TestBeacon;
let link: TestLink;
beforeEach(async () => {
  services = await startChannels();
  mailbox = await startMailbox({ smtpPort: 0, httpPort: 0 });
  hub = await startTestHub({ mail: { kind: "smtp", ...mailbox.smtp, from: "hub@example.org" } });
  operator = await hub.operator();
  beacon = await hub.enrolled("ada");
  await hub.beacons.update(beacon.enrolment.beacon, { ownerMail: "none" });
  link = await beacon.connect();
});
afterEach(async () => {
  await hub.stop();
  await services.stop();
  await mailbox.stop();
});

const received = (count: number) =>
  until(
    () => services.received,
    (all) => all.length >= count,
  );
const states = async () =>
  (await hub.db.selectFrom("alert_delivery").select("state").orderBy("number").execute()).map(({ state }) => state);
const untilStates = (...wanted: string[]) => until(states, (seen) => seen.join() === wanted.join());
const channelsNow = async () => ChannelsView.parse((await operator.get("/api/channels")).body).channels;
const addWebhook = (options?: object) =>
  addChannel(operator, "webhook", { url: services.url("webhook"), secret }, options);
const addSlack = (options?: object) => addChannel(operator, "slack", { webhookUrl: services.url("slack") }, options);

describe("an event", () => {
  it("goes to every channel, once to each, and says where to look", async () => {
    await addWebhook();
    await addSlack();
    await addChannel(operator, "email", { to: "ops@example.org" });
    await addChannel(operator, "email", { to: "boss@example.org" });
    await report(link, eventOf("/"));
    await report(link, eventOf("/"));
    await untilStates("done", "done", "done", "done");
    expect(services.received.map(({ service }) => service).toSorted()).toEqual(["slack", "webhook"]);
    const mails = await until(mailbox.mails, (all) => all.length === 2);
    expect(mails.flatMap(({ to }) => to).toSorted()).toEqual(["boss@example.org", "ops@example.org"]);
    expect(mails[0]?.text).toContain(`${hub.url}/beacons/${beacon.enrolment.beacon}`);
    expect((await channelsNow()).map(({ lastDeliveredAt }) => typeof lastDeliveredAt)).toEqual(Array(4).fill("number"));
  });

  it("that the beacon has told a channel is not told it again, also when that is learnt later", async () => {
    const webhook = await addWebhook();
    await addSlack();
    await report(link, eventOf("/", "fired", { told: [webhook.id] }));
    await untilStates("told", "done");
    services.fail(503, { "retry-after": "3600" });
    await report(link, eventOf("/srv"));
    await until(channelsNow, (all) => all.some(({ problem }) => problem !== undefined));
    const ids = (await channelsNow()).filter(({ waiting }) => waiting > 0).map(({ id }) => id);
    await report(link, eventOf("/srv", "fired", { told: ids }));
    expect((await states()).filter((state) => state === "told")).toHaveLength(2);
  });

  it("that the hub was killed after is delivered again under the same id; one it was killed before, once", async () => {
    await addWebhook();
    await report(link, eventOf("/"));
    await untilStates("done");
    await hub.halt();
    // As after a death between the other side's answer and our note.
    await hub.db.updateTable("alert_delivery").set({ state: "waiting", finished_at: null }).execute();
    await hub.restart();
    await untilStates("done");
    const ids = services.received.map(({ headers }) => headers["webhook-id"]);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it("goes by mail once, even when the hub was killed after it", async () => {
    await addChannel(operator, "email", { to: "ops@example.org" });
    await report(link, eventOf("/"));
    await until(mailbox.mails, (all) => all.length === 1);
    await hub.halt();
    await hub.db.updateTable("alert_delivery").set({ state: "waiting" }).execute();
    await hub.restart();
    await untilStates("done");
    expect(mailbox.mails()).toMatchObject([{ deliveries: 1 }]);
  });

  it("of a beacon that has left the fleet is nobody's business", async () => {
    services.fail(503);
    await addWebhook();
    await report(link, eventOf("/"));
    await until(channelsNow, ([channel]) => channel?.problem !== undefined);
    await hub.beacons.remove(beacon.enrolment.beacon);
    hub.advance(HOUR_MS);
    await hub.restart();
    await untilStates("needless");
    expect(services.received).toEqual([]);
  });
});

describe("the owner of a beacon", () => {
  const path = () => `/api/beacons/${beacon.enrolment.beacon}/notices`;

  it("gets mails of what is critical, of everything, or of nothing, as the owner wants", async () => {
    const owner = await hub.owner("owner@example.org");
    await hub.beacons.update(beacon.enrolment.beacon, { ownerMail: "critical" });
    expect((await owner.get(path())).body).toEqual({ ownerMail: "critical" });
    await report(link, eventOf("/a"), eventOf("/b", "fired", { severity: "warning" }));
    await until(mailbox.mails, (all) => all.length === 1);
    expect((await owner.put(path(), { ownerMail: "all" })).status).toBe(200);
    await report(link, eventOf("/c", "fired", { severity: "warning" }));
    const mails = await until(mailbox.mails, (all) => all.length === 2);
    expect(mails.map(({ to }) => to)).toEqual([["owner@example.org"], ["owner@example.org"]]);
    expect(mails.map(({ subject }) => subject).join()).toMatch(/ada: The disk at \/[ac] is full/);
    await owner.put(path(), { ownerMail: "none" });
    await report(link, eventOf("/d"));
    await untilStates("done", "done");
    expect((await owner.put(path(), { ownerMail: "some" })).status).toBe(400);
  });

  it("is told by nobody but for their own beacon", async () => {
    const other = await hub.owner("other@example.org");
    expect((await other.get(path())).status).toBe(404);
    expect((await other.put(path(), { ownerMail: "all" })).status).toBe(404);
  });

  it("is mailed once, even when the hub was killed after it", async () => {
    await hub.beacons.update(beacon.enrolment.beacon, { ownerMail: "critical" });
    await report(link, eventOf("/"));
    await until(mailbox.mails, (all) => all.length === 1);
    await hub.halt();
    await hub.db.updateTable("alert_delivery").set({ state: "waiting" }).execute();
    await hub.restart();
    await untilStates("done");
    expect(mailbox.mails()).toMatchObject([{ deliveries: 1 }]);
  });
});

describe("a silence", () => {
  const put = (input: object) => operator.post(`/api/beacons/${beacon.enrolment.beacon}/silences`, input);
  const told = () => services.received.map(({ body }) => Object(body).data.subject);

  it("keeps one alert from being told for its time, says who wanted it and why, and is written down", async () => {
    await addWebhook();
    const asked = { rule: "disk-full", subject: "/a", hours: 2, why: "a new disk comes tomorrow" };
    const { body } = await put(asked);
    expect(body).toMatchObject({
      silences: [{ rule: "disk-full", subject: "/a", by: "operator@example.org", why: "a new disk comes tomorrow" }],
    });
    await report(link, eventOf("/a"), eventOf("/b"), eventOf("/a", "resolved"));
    await untilStates("done");
    expect((await operator.get("/api/alerts")).body).toMatchObject({ firing: [{ event: { subject: "/b" } }] });
    const { body: log } = await operator.get("/api/audit");
    expect(log).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ action: "alert.silence" })]),
    });
    hub.advance(2 * HOUR_MS + 1);
    const again = { id: "disk-full /a 9000 fired", at: 9000, firedAt: 9000 };
    await report(link, eventOf("/a", "fired", again));
    await untilStates("done", "done");
    expect(told()).toEqual(["/b", "/a"]);
  });

  it("is shown beside what it is of, ends when somebody wants it, and is of its own beacon alone", async () => {
    await report(link, eventOf("/a"));
    await put({ rule: "disk-full", subject: "/a", hours: 1 });
    const firing = async () => Object((await operator.get("/api/alerts")).body).firing[0].silence;
    expect(await firing()).toMatchObject({ by: "operator@example.org" });
    await put({ rule: "disk-full", subject: "/a", hours: 0 });
    expect(await firing()).toBeUndefined();
    expect((await put({ rule: "disk-full", subject: "/a", hours: 1000 })).status).toBe(400);
    const other = await hub.owner("other@example.org");
    const path = `/api/beacons/${beacon.enrolment.beacon}/silences`;
    expect((await other.post(path, { rule: "x", subject: "", hours: 1 })).status).toBe(404);
  });
});

describe("a channel", () => {
  it("that does not answer gets everything later, in order, and holds up no other", async () => {
    await addWebhook();
    await addChannel(operator, "discord", { webhookUrl: "http://127.0.0.1:9/secret-part" });
    await report(link, eventOf("/a"), eventOf("/b"), eventOf("/a", "resolved"));
    await received(3);
    const [, discord] = await until(channelsNow, ([, channel]) => channel?.problem !== undefined);
    expect(discord).toMatchObject({ waiting: 3, problem: { code: "channel_unavailable" } });
    expect(JSON.stringify(await channelsNow())).not.toContain("secret-part");
    const settings = { webhookUrl: services.url("discord") };
    await operator.put(`/api/channels/${discord?.id}`, { name: "discord", kind: "discord", settings });
    hub.advance(HOUR_MS);
    await hub.restart();
    const told = (await received(6)).filter(({ service }) => service === "discord").map(({ text }) => text);
    expect(told.map((text) => /Critical|Over/.exec(text)?.[0])).toEqual(["Critical", "Critical", "Over"]);
    await until(channelsNow, ([, channel]) => channel?.problem === undefined);
  });

  it("that asks to be left alone for a while is", async () => {
    await addWebhook();
    services.fail(429, { "retry-after": "600" });
    await report(link, eventOf("/"));
    await until(channelsNow, ([channel]) => channel?.problem !== undefined);
    hub.advance(590_000);
    await report(link, eventOf("/b"));
    await until(channelsNow, ([channel]) => channel?.waiting === 2);
    expect(services.received).toEqual([]);
    hub.advance(20_000);
    await report(link, eventOf("/c"));
    await received(3);
  });

  it("that refuses a notice gets the next one all the same", async () => {
    await addWebhook();
    services.fail(400);
    await report(link, eventOf("/"), eventOf("/b"));
    await untilStates("given-up", "done");
    expect(services.received).toHaveLength(1);
  });

  it("for what is critical gets nothing else", async () => {
    await addWebhook({ severities: "critical" });
    await report(link, eventOf("/a", "fired", { severity: "warning" }), eventOf("/b"));
    await untilStates("done");
    expect(services.received[0]?.text).toContain("/b");
  });
});

describe("quiet hours", () => {
  /** A quiet time that has begun and lasts for two hours. */
  const quietNow = () => {
    const clock = (ms: number) => new Date(ms).toISOString().slice(11, 16);
    return { from: clock(hub.now() - HOUR_MS), to: clock(hub.now() + 2 * HOUR_MS), timeZone: "UTC" };
  };
  const warning = (subject: string, kind: "fired" | "resolved" = "fired") =>
    eventOf(subject, kind, { severity: "warning" });

  it("hold back warnings until they are over, and nothing that is critical", async () => {
    await addWebhook({ quietHours: quietNow() });
    await report(link, warning("/later"), eventOf("/now"));
    expect((await received(1))[0]?.text).toContain("/now");
    await untilStates("waiting", "done");
    hub.advance(2 * HOUR_MS + 60_000);
    await hub.restart();
    expect((await received(2))[1]?.text).toContain("/later");
  });

  it("do not have told in the morning what was over in the night", async () => {
    await addWebhook({ quietHours: quietNow() });
    await report(link, warning("/a"), warning("/b"));
    await report(link, warning("/a", "resolved"));
    hub.advance(2 * HOUR_MS + 60_000);
    await hub.restart();
    await untilStates("needless", "done", "needless");
    expect(services.received.map(({ text }) => text.includes("/b"))).toEqual([true]);
  });
});
