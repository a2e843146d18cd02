import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PATIENCE_MS } from "#agent/alerts/own-deliveries.ts";
import { AlertsView } from "#shared/api/alerts.ts";
import { type LinkedAgent, startLinkedAgent } from "#test/agent/linked-agent.ts";
import { type ChannelsSimulator, startChannels } from "#test/simulators/channels.ts";
import { until } from "../provisioning/until.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import { addChannel, secret } from "./alerted.ts";

const full = { "disk///used_bytes": 97, "disk///total_bytes": 100 };
const wellAgain = { "disk///used_bytes": 50, "disk///total_bytes": 100 };

let hub: TestHub;
let services: ChannelsSimulator;
let operator: TestClient;
let agent: LinkedAgent;
let beacon: string;
/** How far the beacon's clock is from the hub's. */
let ahead = 0;
beforeEach(async () => {
  ahead = -5 * 3_600_000;
  services = await startChannels();
  hub = await startTestHub();
  operator = await hub.operator();
  const { enrolment } = await hub.enrolled("ada");
  beacon = enrolment.beacon;
  const keys: string[] = [];
  agent = startLinkedAgent(
    { origin: hub.url, enrolment, trust: (publicKey) => void keys.push(publicKey) },
    { now: () => Date.now() + ahead },
  );
  await hub.beacons.update(beacon, { publicKey: keys[0] ?? null, ownerMail: "none" });
});
afterEach(async () => {
  await agent.stop();
  await hub.stop();
  await services.stop();
});

const judge = (values: Record<string, number>) => agent.alerts.judge({ at: Date.now() + ahead, values });
const view = async () => AlertsView.parse((await operator.get(`/api/beacons/${beacon}/alerts`)).body);
const said = () => services.received.map(({ service, body }) => `${service} ${Object(body).type}`);
const untilSaid = (...wanted: string[]) => until(said, (seen) => seen.join() === wanted.join());
const addWebhook = (options: object) =>
  addChannel(operator, "webhook", { url: services.url("webhook"), secret }, options);

it("a hub and an agent lose no alert and tell it once, whoever of them is there", async () => {
  await addWebhook({ fromBeacons: true });
  await vi.waitFor(() => expect(agent.alerting.channels()).toHaveLength(1), 20_000);

  // Both are there: the hub tells.
  judge(full);
  await untilSaid("webhook alert.fired");
  expect((await view()).firing).toMatchObject([{ rule: "disk-full" }]);

  // The hub is away: its beacon tells, after it has had its time.
  await hub.halt();
  judge(wellAgain);
  await agent.ownDeliveries.deliver();
  expect(said()).toHaveLength(1);
  ahead += PATIENCE_MS + 1;
  await agent.ownDeliveries.deliver();
  await untilSaid("webhook alert.fired", "webhook alert.resolved");

  // It is back: it learns of the end, and whom the beacon has told.
  await hub.restart();
  await until(view, ({ firing }) => firing.length === 0);
  await vi.waitFor(() => expect(agent.outbox.unacknowledged(10)).toEqual([]), 20_000);
  judge(full);
  await untilSaid("webhook alert.fired", "webhook alert.resolved", "webhook alert.fired");
  await until(
    () => hub.db.selectFrom("alert_delivery").select("state").orderBy("number").execute(),
    (rows) => rows.map(({ state }) => state).join() === "done,told,done",
  );
  expect(new Set(services.received.map(({ headers }) => headers["webhook-id"])).size).toBe(3);
});

it("a channel that beacons may not use gets from the hub, when it is back, what its beacon could not tell", async () => {
  await addWebhook({ fromBeacons: false });
  await until(
    () => operator.get("/api/beacons"),
    ({ body }) => JSON.stringify(body).includes('"online":true'),
  );
  await hub.halt();
  judge(full);
  judge(wellAgain);
  ahead += PATIENCE_MS + 1;
  await agent.ownDeliveries.deliver();
  expect(said()).toEqual([]);
  await hub.restart();
  await untilSaid("webhook alert.fired", "webhook alert.resolved");
});
