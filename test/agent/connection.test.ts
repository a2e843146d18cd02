import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { backoffMs } from "#agent/backoff.ts";
import { Problem } from "#shared/problem.ts";
import { closeCodes, MAX_FRAME_BYTES } from "#shared/protocol/frames.ts";
import { rawPublicKey } from "#shared/protocol/signing.ts";
import { PROTOCOL } from "#shared/protocol/version.ts";
import { BEACON, type FakeHub, type FakeHubBehaviour, startFakeHub } from "./fake-hub.ts";
import { type LinkedAgent, type LinkedAgentOptions, startLinkedAgent } from "./linked-agent.ts";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function setUp(behaviour: FakeHubBehaviour = {}, options: LinkedAgentOptions = {}) {
  const hub = await startFakeHub(behaviour);
  cleanUps.push(() => hub.stop());
  const agent = startLinkedAgent(hub, options);
  cleanUps.push(agent.stop);
  return { hub, agent };
}

const problems = (agent: LinkedAgent): Problem[] =>
  agent.lines.flatMap(({ entry }) =>
    typeof entry === "object" && entry !== null && "problem" in entry && entry.problem instanceof Problem
      ? [entry.problem]
      : [],
  );
const problem = (agent: LinkedAgent, code: string) =>
  vi.waitFor(() => {
    const found = problems(agent).find((candidate) => candidate.code === code);
    if (found === undefined) throw new Error(`no problem ${code} among ${problems(agent).map((seen) => seen.code)}`);
    return found;
  }, 10_000);

describe("the handshake", () => {
  it("proves the agent, tells what it knows, and reports", async () => {
    const { hub } = await setUp();
    const hello = await hub.frame("hello");
    expect(hello).toMatchObject({ protocol: PROTOCOL, agentVersion: "0.1.0", running: [], statement: { key: BEACON } });
    expect(hello.commands).toContain("module.install");
    expect((await hub.frame("inventory")).inventory.domain).toBe("ada.example.org");
  });

  const impostors: [string, FakeHubBehaviour][] = [
    ["a welcome for another nonce", { wrongNonce: true }],
    ["a welcome under another key", { wrongKey: true }],
  ];
  it.each(impostors)("does not believe %s", async (_what, behaviour) => {
    const { hub, agent } = await setUp(behaviour);
    await problem(agent, "signature_invalid");
    expect(hub.closed[0]?.code).toBe(closeCodes.badFrame);
    expect(hub.frames.every(({ type }) => type === "hello")).toBe(true);
    behaviour.wrongNonce = false;
    behaviour.wrongKey = false;
    await hub.frame("inventory");
  });

  it("waits long after a refusal, logs its hint, and comes back", async () => {
    const refuse = new Problem("protocol_unsupported", "too old", { hint: "Update the agent." }).toJSON();
    const { hub, agent } = await setUp({ refuse });
    expect((await problem(agent, "protocol_unsupported")).hint).toBe("Update the agent.");
    const waits = agent.lines.flatMap(({ entry }) => Object.entries(Object(entry))).filter(([key]) => key === "waitMs");
    expect(waits[0]?.[1]).toBeGreaterThanOrEqual(100);
    Reflect.deleteProperty(hub.behaviour, "refuse");
    await hub.welcomed(1);
  });

  it("says so when the hub is too old for it", async () => {
    const { hub, agent } = await setUp({ protocol: { protocol: 0, oldestProtocol: 0 } });
    expect((await problem(agent, "protocol_unsupported")).hint).toMatch(/Update the hub/);
    expect(hub.frames).toEqual([]);
  });

  it("speaks its own protocol to a hub that is newer", async () => {
    const { hub } = await setUp({ protocol: { protocol: 7, oldestProtocol: 1 } });
    expect((await hub.frame("hello")).protocol).toBe(PROTOCOL);
  });
});

describe("frames that are wrong", () => {
  const wrong: [string, string, (hub: FakeHub) => string | Buffer][] = [
    ["not JSON", "invalid_frame", () => "{"],
    ["of an unknown type", "invalid_frame", () => JSON.stringify({ type: "dance", id: "frm_12345678" })],
    ["without an id", "invalid_frame", () => JSON.stringify({ type: "ping" })],
    ["binary", "invalid_frame", () => Buffer.from([1, 2, 3])],
    ["oversized", "too_large", () => "x".repeat(MAX_FRAME_BYTES + 1)],
    [
      "a second challenge",
      "invalid_frame",
      () =>
        JSON.stringify({
          type: "challenge",
          id: "frm_12345678",
          nonce: "n".repeat(20),
          protocol: 1,
          oldestProtocol: 1,
        }),
    ],
  ];
  it.each(wrong)("end the link when %s, with one problem, and the agent comes back", async (_what, code, text) => {
    const { hub, agent } = await setUp();
    await hub.welcomed(1);
    hub.sendText(text(hub));
    await problem(agent, code);
    await hub.welcomed(2);
    expect(problems(agent)).toHaveLength(1);
    hub.send({ type: "ping" });
    await hub.frame("pong");
  });
});

describe("a link that fails", () => {
  it("is dialled again after the hub was away", async () => {
    const { hub, agent } = await setUp();
    await hub.welcomed(1);
    await hub.stop();
    await problem(agent, "unavailable");
    await vi.waitFor(() => expect(problems(agent).length).toBeGreaterThan(3), 10_000);
    await hub.start();
    await hub.welcomed(2);
  });

  it("is found dead when the hub says nothing at all", async () => {
    const { hub, agent } = await setUp({ mute: true }, { times: { silentMs: 150, pingMs: 10_000 } });
    expect((await problem(agent, "timed_out")).message).toMatch(/nothing came/);
    hub.behaviour.mute = false;
    await hub.welcomed(1);
  });

  it("is found dead when it is half open: connected, and nobody there", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    cleanUps.push(async () => void silent.close());
    const address = silent.address();
    const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const hub = await startFakeHub();
    cleanUps.push(() => hub.stop());
    const agent = startLinkedAgent({ ...hub, origin, trust: hub.trust }, { times: { silentMs: 100 } });
    cleanUps.push(agent.stop);
    await problem(agent, "timed_out");
  });

  it.each([
    ["when it says to", "7", 7_000, 8_000],
    ["no later than it would by itself", "86400", 20_000, 21_000],
  ])("that the hub has no room for is dialled again %s", async (_when, retryAfter, fromMs, toMs) => {
    const full = createHttpServer().listen(0, "127.0.0.1");
    full.on("upgrade", (_request, socket) =>
      socket.end(`HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${retryAfter}\r\nContent-Length: 0\r\n\r\n`),
    );
    await once(full, "listening");
    cleanUps.push(async () => void full.close());
    const address = full.address();
    const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const hub = await startFakeHub();
    cleanUps.push(() => hub.stop());
    const times = { backoff: { firstMs: 20, longestMs: 20_000 } };
    const agent = startLinkedAgent({ ...hub, origin, trust: hub.trust }, { times });
    cleanUps.push(agent.stop);
    expect((await problem(agent, "unavailable")).message).toContain("503");
    const waits = agent.lines.flatMap(({ entry }) =>
      typeof entry === "object" && entry !== null && "waitMs" in entry ? [entry.waitMs] : [],
    );
    expect(waits).toEqual([expect.any(Number)]);
    expect(waits[0]).toBeGreaterThanOrEqual(fromMs);
    expect(waits[0]).toBeLessThanOrEqual(toMs);
  });

  it("is found dead when the hub stops answering in the middle of it", async () => {
    const { hub, agent } = await setUp({}, { times: { silentMs: 200, pingMs: 50 } });
    await hub.welcomed(1);
    hub.freeze();
    await problem(agent, "timed_out");
    await hub.welcomed(2);
  });

  it("stays up by pings alone", async () => {
    const { hub, agent } = await setUp({}, { times: { silentMs: 400, pingMs: 50 } });
    await hub.welcomed(1);
    await vi.waitFor(() => expect(hub.pings).toBeGreaterThan(12), 10_000);
    expect(problems(agent)).toEqual([]);
  });

  it("is not kept by a hub that closes as revoked", async () => {
    const { hub, agent } = await setUp({}, { times: { refusedMs: 100 } });
    await hub.welcomed(1);
    hub.close(closeCodes.revoked);
    expect((await problem(agent, "beacon_revoked")).hint).toMatch(/operator/);
    await hub.welcomed(2);
  });
});

describe("backoffMs", () => {
  const backoff = { firstMs: 500, longestMs: 60_000 };
  it("doubles up to its limit, anywhere below it", () => {
    expect([0, 1, 2, 6, 7, 8, 1000].map((attempt) => backoffMs(attempt, backoff, () => 1))).toEqual([
      500, 1000, 2000, 32_000, 60_000, 60_000, 60_000,
    ]);
    expect(backoffMs(5, backoff, () => 0)).toBe(0);
    expect(backoffMs(5, backoff, () => 0.25)).toBe(4000);
  });
});

describe("the test's own hub", () => {
  it("refuses an agent whose key it does not know", async () => {
    const { hub } = await setUp();
    await hub.welcomed(1);
    hub.trust(rawPublicKey(generateKeyPairSync("ed25519").publicKey));
    hub.drop();
    await vi.waitFor(() => expect(hub.impostors).toBeGreaterThan(0), 5000);
  });
});
