import { createServer, connect as dialTcp, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type LinkedAgent, startLinkedAgent } from "#test/agent/linked-agent.ts";
import { until } from "../provisioning/until.ts";
import type { TestClient, TestEvents } from "../test-client.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let operator: TestClient;
let agent: LinkedAgent;
let path: string;
let beacon: string;
/** How often the agent has measured for who looks. */
let measured: number;
const opened: TestEvents[] = [];

const start = async (times: Parameters<typeof startTestHub>[1] = {}) => {
  hub = await startTestHub({}, times);
  operator = await hub.operator();
  const { enrolment } = await hub.enrolled("ada");
  beacon = enrolment.beacon;
  path = `/api/beacons/${beacon}/events`;
  const keys: string[] = [];
  const collect = async () => ({ measured: ++measured });
  agent = startLinkedAgent(
    { origin: hub.url, enrolment, trust: (publicKey) => void keys.push(publicKey) },
    { live: { collect, everyMs: 100 } },
  );
  await hub.beacons.update(beacon, { publicKey: keys[0] ?? null });
  await untilOnline();
};
const untilOnline = () =>
  until(
    () => operator.get("/api/beacons"),
    ({ body }) => JSON.stringify(body).includes('"online":true'),
  );
const look = async () => {
  const events = await operator.events(path);
  opened.push(events);
  return events;
};
const sampleOf = async (events: TestEvents): Promise<number> => Object(await events.next("live")).values.measured;
/** Waits until the agent has not measured for as long as it takes to measure ten times. */
const untilQuiet = async () => {
  let since = Date.now();
  let last = -1;
  await until(
    () => measured,
    (now) => {
      if (now !== last) since = Date.now();
      last = now;
      return Date.now() - since > 1_000;
    },
  );
};

beforeEach(() => {
  measured = 0;
});
afterEach(async () => {
  for (const events of opened.splice(0)) await events.close().catch(() => undefined);
  await agent.stop();
  await hub.stop();
});

it("fifty who look at one beacon all see each of its samples, which it measures and sends once", async () => {
  await start();
  const viewers = await Promise.all(Array.from({ length: 50 }, look));
  const seen = await Promise.all(
    viewers.map(async (events) => {
      const samples: number[] = [];
      for (let nth = 0; nth < 10; nth++) samples.push(await sampleOf(events));
      return samples;
    }),
  );
  for (const samples of seen) {
    // Each follows the one before: none was missed, and none came twice.
    expect(samples).toEqual(samples.map((_, nth) => (samples[0] ?? 0) + nth));
  }
  // The first one is measured when somebody comes, for rates to be told from.
  const most = Math.max(...seen.flat());
  expect(measured - most).toBeLessThan(20);

  // Who comes late sees the next one.
  const late = await look();
  expect(await sampleOf(late)).toBeGreaterThan(10);

  for (const events of viewers) await events.close();
  const before = measured;
  expect(await sampleOf(late)).toBeLessThanOrEqual(measured);
  await until(
    () => measured,
    (now) => now > before + 3,
  );
  await late.close();
  await untilQuiet();
});

it("fifty who look ask the agent once, and once more to renew it", async () => {
  await start();
  const { connect, enrolment } = await hub.enrolled("grace");
  path = `/api/beacons/${enrolment.beacon}/events`;
  const link = await connect();
  const viewers = await Promise.all(Array.from({ length: 50 }, look));
  expect((await link.take("watch")).seconds).toBe(15);
  // The hub asks a second time where the first of them came while it was still taking the agent in.
  expect(link.waiting("watch")).toBeLessThanOrEqual(1);
  for (let waiting = link.waiting("watch"); waiting > 0; waiting--) await link.take("watch");
  await link.take("watch");
  expect(link.waiting("watch")).toBe(0);
  const [last, ...others] = viewers;
  for (const events of others) await events.close();
  await last?.close();
  // Nothing is left of it when the last one has left.
  for (;;) if ((await link.take("watch")).seconds === 1) break;
  expect(link.waiting("watch")).toBe(0);
  await link.close();
});

it("looking again right after the last one has left goes on", async () => {
  await start();
  const first = await look();
  await sampleOf(first);
  await first.close();
  const second = await look();
  const from = await sampleOf(second);
  // Past the second for which the agent was asked when nobody looked.
  await until(
    () => sampleOf(second),
    (now) => now > from + 15,
  );
});

it("who vanishes without a word is measured for no longer, and who is still there is", async () => {
  await start({ streams: { lifeMs: 400, graceMs: 200 } });
  const cable = await startCable(hub.url);
  const cookie = [...operator.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const vanished = await fetch(cable.url + path, { headers: { cookie } });
  expect(vanished.status).toBe(200);
  cable.cut();

  // One who stays opens it again when asked to, before it ends.
  let staying = await look();
  for (let times = 0; times < 4; times++) {
    expect(await staying.next("again")).toEqual({});
    const next = await look();
    const from = await sampleOf(next);
    expect(from).toBeGreaterThan(0);
    await expect(staying.next("never")).rejects.toThrow("the stream ended");
    staying = next;
  }
  await staying.close();
  await untilQuiet();
  await cable.close();
});

it("no lease outlives the hub that asked for it, and who still looks has another one when it is back", async () => {
  await start();
  const before = await look();
  await sampleOf(before);
  await hub.halt();
  await untilQuiet();
  await hub.restart();
  await untilOnline();
  await untilQuiet();
  expect(await sampleOf(await look())).toBeGreaterThan(0);
});

/** Passes bytes on until it is cut: then nothing comes through, and neither side is told. */
async function startCable(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((near) => {
    const distant = dialTcp(Number(port), hostname);
    for (const socket of [near, distant]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    near.on("data", (bytes) => isCut || distant.write(bytes));
    distant.on("data", (bytes) => isCut || near.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut: () => {
      isCut = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
