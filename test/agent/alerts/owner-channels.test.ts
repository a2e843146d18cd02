import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ChannelsSimulator, startChannels } from "#test/simulators/channels.ts";
import { type FakeHub, startFakeHub } from "../fake-hub.ts";
import { type LinkedAgent, startLinkedAgent } from "../linked-agent.ts";

const START = 1_795_000_000_000;
const DAY_MS = 86_400_000;
const full = { "disk///used_bytes": 97, "disk///total_bytes": 100 };
const filling = { "disk///used_bytes": 90, "disk///total_bytes": 100 };
const wellAgain = { "disk///used_bytes": 50, "disk///total_bytes": 100 };

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

const add = (severities: "all" | "critical" = "all") =>
  agent.ownerChannels.add(
    { kind: "slack", name: "Family", severities, fromBeacons: false, settings: { webhookUrl: services.url("slack") } },
    "ada@example.org",
  );
let last: Record<string, number> = {};
/** A sample, ten seconds after the one before. */
const sample = (values: Record<string, number>) => {
  last = values;
  time += 10_000;
  agent.judge({ at: time, values });
};
const told = () => services.received.map(({ text }) => /Over|Critical|Warning/.exec(text)?.[0]);
/** With each sample is tried what waits. */
const untilTold = (...wanted: string[]) =>
  vi.waitFor(() => {
    sample(last);
    expect(told()).toEqual(wanted);
  }, 30_000);

describe("the owner's channels", () => {
  it.each(["there", "away"] as const)(
    "are told by the beacon itself, once each, while the hub is %s",
    async (where) => {
      add();
      if (where === "away") await hub.stop();
      sample(full);
      await untilTold("Critical");
      sample(full);
      sample(wellAgain);
      await untilTold("Critical", "Over");
      if (where === "away") await hub.start();
      await vi.waitFor(() => expect(agent.outbox.unacknowledged(1)).toEqual([]), 10_000);
      sample(wellAgain);
      const { events } = await hub.frame("event");
      // The operator's channels are another matter.
      expect(events[0]).toMatchObject({ rule: "disk-full", told: [] });
      // The answer of the last one may still be on its way.
      const done = [{ waiting: 0, lastDeliveredAt: expect.any(Number) }];
      await vi.waitFor(() => expect(agent.ownerChannels.view().channels).toMatchObject(done), 10_000);
      sample(wellAgain);
      expect(told()).toEqual(["Critical", "Over"]);
    },
  );

  it("hear nothing of what was before they were there", async () => {
    sample(full);
    add();
    sample(wellAgain);
    await untilTold("Over");
  });

  it("hear only what is critical where that is wanted", async () => {
    add("critical");
    for (let samples = 0; samples < 8; samples++) sample(filling);
    expect(agent.alerts.view().firing).toMatchObject([{ rule: "disk-filling", severity: "warning" }]);
    sample(full);
    await untilTold("Critical");
    expect(agent.ownerChannels.view().channels).toMatchObject([{ waiting: 0 }]);
  });

  it("are tried again until they answer, say so meanwhile, and are given up after a day", async () => {
    add();
    services.fail(503);
    sample(full);
    const shown = () => agent.ownerChannels.view().channels[0];
    await vi.waitFor(() => expect(shown()).toMatchObject({ waiting: 1, problem: { code: "channel_unavailable" } }));
    time += 600_000;
    sample(full);
    await untilTold("Critical");
    await vi.waitFor(() => expect(shown()?.problem).toBeUndefined());
    for (let times = 0; times < 1000; times++) services.fail(503);
    await vi.waitFor(() => {
      sample(wellAgain);
      expect(shown()).toMatchObject({ waiting: 1, problem: { code: "channel_unavailable" } });
    }, 30_000);
    time += DAY_MS;
    sample(wellAgain);
    expect(shown()).toMatchObject({ waiting: 0 });
    expect(told()).toEqual(["Critical"]);
  });

  it("hear of everything though the clock is set back by hours, of what waited and of what comes", async () => {
    add();
    services.fail(503);
    sample(full);
    await vi.waitFor(() => expect(agent.ownerChannels.view().channels[0]?.problem).toBeDefined());
    time -= 5 * 3_600_000;
    sample(full);
    await untilTold("Critical");
    sample(wellAgain);
    await untilTold("Critical", "Over");
  });

  it("hear nothing of what the owner has silenced", async () => {
    add();
    agent.silences.put({ rule: "disk-full", subject: "/", hours: 1, why: "known" }, "ada@example.org");
    sample(full);
    await vi.waitFor(() => expect(agent.ownerChannels.view().channels).toMatchObject([{ waiting: 0 }]));
    expect(told()).toEqual([]);
  });

  it("do not keep the hub waiting while they do not answer", async () => {
    add();
    services.fail(503);
    sample(full);
    expect((await hub.frame("event")).events).toMatchObject([{ rule: "disk-full" }]);
  });
});
