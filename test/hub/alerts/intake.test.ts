import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import type { ReportedEvent } from "#shared/protocol/frames.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let operator: TestClient;
beforeAll(async () => {
  hub = await startTestHub();
  operator = await hub.operator();
});
afterAll(() => hub.stop());

let beacons = 0;
const newBeacon = () => hub.enrolled(`beacon-${++beacons}`);
const view = async ({ enrolment }: TestBeacon) => (await operator.get(`/api/beacons/${enrolment.beacon}/alerts`)).body;

const event = (kind: AlertEvent["kind"], at: number, changes: Partial<ReportedEvent> = {}): ReportedEvent => ({
  id: `disk-full / 1000 ${kind}`,
  rule: "disk-full",
  subject: "/",
  kind,
  severity: "critical",
  title: "The disk at / is 97 % full",
  value: 97,
  at,
  firedAt: 1000,
  told: [],
  ...changes,
});

describe("events of a beacon", () => {
  it("are stored once, however often they come, and stay after a restart", async () => {
    const beacon = await newBeacon();
    const first = await beacon.connect();
    first.send({ type: "event", events: [event("fired", 1000)] });
    await first.take("ack");
    // As after an acknowledgement that was lost on its way.
    first.send({ type: "event", events: [event("fired", 1000)] });
    await first.take("ack");
    expect(await view(beacon)).toMatchObject({
      firing: [{ kind: "fired", subject: "/" }],
      history: [{ kind: "fired" }],
    });
    await hub.restart();
    const second = await beacon.connect();
    second.send({ type: "event", events: [event("fired", 1000), event("resolved", 5000)] });
    await second.take("ack");
    expect(await view(beacon)).toMatchObject({ firing: [], history: [{ kind: "resolved" }, { kind: "fired" }] });
    await second.close();
  });

  it("make a pair in whichever order they come", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    link.send({ type: "event", events: [event("resolved", 5000)] });
    await link.take("ack");
    link.send({ type: "event", events: [event("fired", 1000)] });
    await link.take("ack");
    expect(await view(beacon)).toMatchObject({ firing: [] });
    await link.close();
  });

  it("of one beacon are not those of another, and are told to whoever looks at it", async () => {
    const [mine, other] = [await newBeacon(), await newBeacon()];
    const events = await operator.events(`/api/beacons/${mine.enrolment.beacon}/events`);
    const [link, theirs] = [await mine.connect(), await other.connect()];
    theirs.send({ type: "event", events: [event("fired", 1000, { title: "Not mine" })] });
    await theirs.take("ack");
    link.send({ type: "event", events: [event("fired", 1000)] });
    expect(await events.next("alert")).toMatchObject({ title: "The disk at / is 97 % full" });
    expect(JSON.stringify(await view(mine))).not.toContain("Not mine");
    await events.close();
    await Promise.all([link.close(), theirs.close()]);
  });

  it("are seen by their owner and no other one", async () => {
    const beacon = await hub.enrolled("owned", "ada@example.org");
    const path = `/api/beacons/${beacon.enrolment.beacon}/alerts`;
    expect((await (await hub.owner("ada@example.org")).get(path)).status).toBe(200);
    expect((await (await hub.owner("eve@example.org")).get(path)).status).toBe(404);
    expect((await hub.client().get(path)).status).toBe(401);
  });
});
