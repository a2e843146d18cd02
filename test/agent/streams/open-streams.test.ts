import { afterEach, describe, expect, it, vi } from "vitest";
import { inBatches } from "#agent/streams/in-batches.ts";
import type { LogLine } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import { MAX_FRAME_BYTES, STREAM_WINDOW } from "#shared/protocol/frames.ts";
import { startFakeHub } from "../fake-hub.ts";
import { type LinkedAgentOptions, startLinkedAgent } from "../linked-agent.ts";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function setUp(logs: NonNullable<LinkedAgentOptions["logs"]>) {
  const hub = await startFakeHub();
  cleanUps.push(() => hub.stop());
  const agent = startLinkedAgent(hub, { logs });
  cleanUps.push(agent.stop);
  await hub.welcomed(1);
  const open = (input: unknown, name = "logs") => hub.send({ type: "open", name, input });
  return { hub, agent, open };
}

const line = (text: string): LogLine => ({ service: "redis", stream: "stdout", text });
const request = { instance: "redis", tail: 10, follow: true };

describe("a stream", () => {
  it("comes in order, in batches, and ends once", async () => {
    const { hub, open } = await setUp(async function* ({ instance, tail }) {
      for (let number = 0; number < 450; number += 1) yield line(`${instance} ${tail} ${number}`);
    });
    const stream = open(request);
    expect(await hub.frame("end")).toEqual({ type: "end", id: expect.any(String), stream });
    const data = hub.frames.filter((frame) => frame.type === "data");
    expect(data.map(({ items }) => items.length)).toEqual([200, 200, 50]);
    expect(data.flatMap(({ items }) => items)[449]).toEqual(line("redis 10 449"));
  });

  it("that breaks ends with its problem", async () => {
    const { hub, open } = await setUp(async function* () {
      yield line("one");
      throw new Problem("docker_unavailable", "Docker does not answer");
    });
    open(request);
    expect((await hub.frame("end")).problem?.code).toBe("docker_unavailable");
    expect(hub.frames.filter(({ type }) => type === "data")).toHaveLength(1);
  });

  it.each([
    ["toString", request, "not_found"],
    ["logs", { instance: "Not A Name" }, "invalid_input"],
  ])("that cannot be opened ends at once: %s %j", async (name, input, code) => {
    const { hub, open } = await setUp(async function* () {});
    const stream = open(input, name);
    expect(await hub.frame("end")).toMatchObject({ stream, problem: { code } });
  });

  it("is closed by the hub: its source is told, and nothing more comes", async () => {
    let told = false;
    const { hub, open } = await setUp(async function* (_request, { signal }) {
      yield line("one");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      told = true;
    });
    const stream = open(request);
    await hub.frame("data");
    hub.send({ type: "close", stream });
    expect((await hub.frame("end")).problem).toBeUndefined();
    await vi.waitFor(() => expect(told).toBe(true));
  });

  it("is closed with its link", async () => {
    let told = false;
    const { hub, open } = await setUp(async function* (_request, { signal }) {
      yield line("one");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      told = true;
    });
    open(request);
    await hub.frame("data");
    hub.drop();
    await vi.waitFor(() => expect(told).toBe(true));
  });

  it("waits for a hub that does not read, and loses nothing", async () => {
    let produced = 0;
    const { hub, open } = await setUp(async function* () {
      for (; produced < 4000; produced += 1) yield line(`${produced} ${"x".repeat(10_000)}`);
    });
    hub.freeze();
    hub.send({ type: "ping" });
    open(request);
    let last = -1;
    await vi.waitFor(
      () => {
        const before = last;
        last = produced;
        expect(produced).toBeGreaterThan(0);
        expect(produced).toBe(before);
      },
      { timeout: 10_000, interval: 300 },
    );
    expect(produced).toBeLessThan(4000);
    hub.thaw();
    await hub.frame("end");
    const texts = hub.frames.filter((frame) => frame.type === "data").flatMap(({ items }) => items);
    expect(texts).toHaveLength(4000);
  });

  it("goes no further than its window ahead of a hub that does not say what it has read", async () => {
    let produced = 0;
    const { hub, open } = await setUp(async function* () {
      for (; produced < 400; produced += 1) yield line("y".repeat(10_000));
    });
    hub.behaviour.reads = false;
    const stream = open(request);
    const received = () =>
      hub.frames.flatMap((frame) => (frame.type === "data" ? [JSON.stringify(frame.items).length] : []));
    const total = () => received().reduce((sum, length) => sum + length, 0);
    await vi.waitFor(() => expect(total()).toBeGreaterThanOrEqual(STREAM_WINDOW), 10_000);
    const ping = hub.send({ type: "ping" });
    await hub.frame("pong", (frame) => frame.ping === ping);
    // One batch goes over the edge, and one more is held.
    expect(total()).toBeLessThan(STREAM_WINDOW + 512 * 1024);
    expect(produced).toBeLessThan(200);
    hub.behaviour.reads = true;
    hub.send({ type: "read", stream, characters: total() });
    await hub.frame("end");
    expect(produced).toBe(400);
  });

  it("never makes a frame that is too large", async () => {
    const { hub, open } = await setUp(async function* () {
      for (let number = 0; number < 300; number += 1) yield line("y".repeat(60_000));
    });
    open(request);
    await hub.frame("end");
    const largest = Math.max(...hub.frames.map((frame) => JSON.stringify(frame).length));
    expect(largest).toBeLessThan(MAX_FRAME_BYTES / 2);
    expect(hub.closed).toEqual([]);
  });
});

describe("inBatches", () => {
  it("does not wait for a full batch when nothing more comes", async () => {
    const more = Promise.withResolvers<void>();
    async function* source() {
      yield 1;
      yield 2;
      await more.promise;
      yield 3;
    }
    const batches = inBatches(source(), new AbortController().signal);
    expect((await batches.next()).value).toEqual([1, 2]);
    more.resolve();
    expect((await batches.next()).value).toEqual([3]);
    expect((await batches.next()).done).toBe(true);
  });

  it("closes its source when the consumer stops", async () => {
    let closed = false;
    async function* source() {
      try {
        for (;;) yield "x".repeat(1000);
      } finally {
        closed = true;
      }
    }
    for await (const batch of inBatches(source(), new AbortController().signal)) {
      expect(batch.length).toBe(200);
      break;
    }
    await vi.waitFor(() => expect(closed).toBe(true));
  });
});
