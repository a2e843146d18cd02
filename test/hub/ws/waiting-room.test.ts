import { once } from "node:events";
import { request } from "node:http";
import { Duplex } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWaitingRoom } from "#hub/ws/waiting-room.ts";
import { until } from "../provisioning/until.ts";
import { connect, dial } from "../test-agent.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

/** What those are told who come while there is no room, in seconds. */
function askThere(room: ReturnType<typeof createWaitingRoom>): number {
  let answer = "";
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk, _encoding, done) => {
      answer += chunk.toString();
      done();
    },
  });
  room.refuse(socket);
  const [, seconds] = /^HTTP\/1\.1 503 .*\r\nRetry-After: (\d+)\r\n/.exec(answer) ?? [];
  return Number(seconds);
}

describe("the waiting room", () => {
  it("gives ten thousand who come at once their turns, at one rate, within a minute", () => {
    const room = createWaitingRoom(() => 5_000);
    const turns = Array.from({ length: 10_000 }, () => askThere(room));
    const inEach = new Map<number, number>();
    for (const turn of turns) inEach.set(turn, (inEach.get(turn) ?? 0) + 1);
    expect(Math.min(...turns)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...turns)).toBeLessThan(40);
    expect(Math.max(...inEach.values())).toBeLessThanOrEqual(301);
  });

  it("sends nobody further off than an agent would wait by itself", () => {
    const room = createWaitingRoom(() => 0);
    const turns = Array.from({ length: 60_000 }, () => askThere(room));
    expect(Math.max(...turns)).toBe(60);
  });

  it("starts anew for those who come later", () => {
    let now = 0;
    const room = createWaitingRoom(() => now);
    for (let asked = 0; asked < 3_000; asked++) askThere(room);
    expect(askThere(room)).toBeGreaterThan(10);
    now = 60_000;
    expect(askThere(room)).toBe(1);
  });
});

describe("a hub that greets as many as it can", () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub({}, { maxStrangers: 2 });
  });
  afterAll(() => hub.stop());

  const call = async () => {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.alloc(16).toString("base64"),
    };
    const asking = request(`${hub.url}/api/agent/link`, { headers }).end();
    const [answer] = await Promise.race([once(asking, "response"), once(asking, "upgrade")]);
    answer.socket.destroy();
    return { status: answer.statusCode, retryAfter: answer.headers["retry-after"] };
  };

  it("tells the others when to come, and has room again once those have proved themselves or gone", async () => {
    const beacon = await hub.enrolled("ada");
    const strangers = [await dial(hub.url), await dial(hub.url)];
    expect(await call()).toEqual({ status: 503, retryAfter: expect.stringMatching(/^[12]$/) });
    await strangers[0]?.close();
    await until(call, ({ status }) => status === 101);
    const known = await until(
      () => connect(hub.url, beacon).catch(() => undefined),
      (link) => link !== undefined,
    );
    await until(call, ({ status }) => status === 101);
    await known?.close();
    await strangers[1]?.close();
  });
});
