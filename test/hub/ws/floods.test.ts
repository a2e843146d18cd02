import { once } from "node:events";
import { createServer } from "node:http";
import { connect as dialTcp } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { eventStream, type SendEvent } from "#hub/http/event-stream.ts";
import { newId } from "#hub/id.ts";
import { type Handling, openLink } from "#hub/ws/link.ts";
import { createPulse } from "#hub/ws/pulse.ts";
import { createStreamDesk } from "#hub/ws/streams.ts";
import { Problem } from "#shared/problem.ts";
import { type AgentFrame, closeCodes, STREAM_WINDOW, type UnsentHubFrame } from "#shared/protocol/frames.ts";

const MEGABYTE = 1024 * 1024;
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

const portOf = (server: ReturnType<typeof createServer>): number => {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};

/** A server of one event stream, and a viewer who opens it and never reads. */
async function blindViewer(heartbeatMs?: number) {
  let send: SendEvent = () => undefined;
  let isOpen = false;
  const subscribe = (given: SendEvent) => {
    send = given;
    isOpen = true;
    return () => {
      isOpen = false;
    };
  };
  const app = new Hono().get("/events", (c) => eventStream(c, { subscribe, heartbeatMs }));
  const server = createServer(getRequestListener((request, env) => app.fetch(request, env)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const viewer = dialTcp(portOf(server), "127.0.0.1").pause();
  viewer.on("error", () => undefined);
  cleanUps.push(() => viewer.destroy());
  const taken = once(server, "connection");
  viewer.write("GET /events HTTP/1.1\r\nHost: hub\r\n\r\n");
  const [served] = await taken;
  while (!isOpen) await nextTurn();
  return { send: (event: string, data: unknown) => send(event, data), isOpen: () => isOpen, served };
}

describe("a viewer who does not read", () => {
  it("is cut off once four megabytes wait for them", async () => {
    const { send, isOpen, served } = await blindViewer();
    const text = "x".repeat(MEGABYTE / 4);
    let sentBytes = 0;
    // What the system and the socket take by themselves comes on top.
    while (isOpen() && sentBytes < 64 * MEGABYTE) {
      send("big", { text });
      sentBytes += text.length;
      await nextTurn();
    }
    expect(isOpen()).toBe(false);
    expect(sentBytes).toBeGreaterThan(4 * MEGABYTE);
    expect(served.destroyed).toBe(true);
  });

  it("is cut off once a thousand events wait for them, however small", async () => {
    const { send, isOpen } = await blindViewer();
    send("big", { text: "x".repeat(16 * MEGABYTE) });
    expect(isOpen()).toBe(false);
    const small = await blindViewer();
    for (let nth = 0; nth < 1100 && small.isOpen(); nth++) small.send("small", {});
    expect(small.isOpen()).toBe(false);
  });

  it("is cut off when not even a heartbeat gets through", async () => {
    const { send, isOpen, served } = await blindViewer(50);
    // Less than what may wait, and more than the system takes.
    for (let nth = 0; nth < 3; nth++) {
      send("big", { text: "x".repeat(3 * MEGABYTE) });
      for (let turn = 0; turn < 50; turn++) await nextTurn();
    }
    if (!served.destroyed) await once(served, "close");
    expect(isOpen()).toBe(false);
  });
});

describe("a stream that is read slower than it comes", () => {
  const openDesk = (protocol: number) => {
    const sent: UnsentHubFrame[] = [];
    const link = {
      send: (frame: UnsentHubFrame) => {
        sent.push(frame);
        return "frm_00000001";
      },
      close: () => undefined,
    };
    const desk = createStreamDesk(link, protocol);
    const reader = desk.open(
      "logs",
      { instance: "page", follow: true, tail: 1 },
      { signal: new AbortController().signal },
    );
    const push = (characters: number) => {
      const items = [{ service: "web", stream: "stdout", text: "x".repeat(characters) }];
      desk.data({ type: "data", id: "frm_00000002", stream: "frm_00000001", items });
      return JSON.stringify(items).length;
    };
    return { sent, reader, push, types: () => sent.map(({ type }) => type) };
  };

  it("is told as far as it was read, and no further", async () => {
    const { sent, reader, push } = openDesk(3);
    const first = reader.next();
    const one = push(1000);
    await first;
    const two = push(2000);
    expect(sent.filter(({ type }) => type === "read")).toEqual([]);
    await reader.next();
    expect(sent.at(-1)).toEqual({ type: "read", stream: "frm_00000001", characters: one });
    const three = push(10);
    await reader.next();
    expect(sent.at(-1)).toMatchObject({ characters: one + two });
    expect(three).toBeGreaterThan(10);
    await reader.return(undefined);
    expect(sent.at(-1)).toMatchObject({ type: "close" });
  });

  it("is not told to an agent that would not know it", async () => {
    const { reader, push, types } = openDesk(2);
    const first = reader.next();
    push(10);
    await first;
    const second = reader.next();
    push(10);
    await second;
    expect(types()).toEqual(["open"]);
  });

  it("is closed at the agent that does not wait, and what comes on is dropped", async () => {
    const { reader, push, types } = openDesk(3);
    const first = reader.next();
    push(10);
    await first;
    let pushed = 0;
    while (!types().includes("close") && pushed < 16 * STREAM_WINDOW) pushed += push(STREAM_WINDOW / 4);
    expect(pushed).toBeGreaterThan(4 * STREAM_WINDOW);
    expect(pushed).toBeLessThan(5 * STREAM_WINDOW);
    for (let nth = 0; nth < 10; nth++) push(STREAM_WINDOW);
    const { value } = await reader.next();
    expect(JSON.stringify(value).length).toBeLessThan(5 * STREAM_WINDOW);
    await expect(reader.next()).rejects.toThrow(/faster than this connection reads/);
    expect(types().filter((type) => type === "close")).toHaveLength(1);
  });
});

describe("an agent", () => {
  const linked = async (onFrame: (frame: AgentFrame) => Handling) => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    cleanUps.push(() => server.close());
    const address = server.address();
    const connected = once(server, "connection");
    const agent = new WebSocket(`ws://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    agent.on("error", () => undefined);
    await once(agent, "open");
    const [socket] = await connected;
    if (!(socket instanceof WebSocket)) throw new Error("no socket");
    const log = pino({ level: "silent" });
    const pulse = createPulse(1000);
    cleanUps.push(pulse.stop);
    const link = openLink({
      socket,
      log,
      now: Date.now,
      newId,
      onFrame,
      onClose: () => undefined,
      pulse,
      silenceTicks: 100,
    });
    cleanUps.push(() => agent.terminate());
    return { agent, socket, link };
  };

  it("that does not read is cut off before much waits for it", async () => {
    const { agent, socket, link } = await linked(async () => undefined);
    agent.pause();
    const input = "x".repeat(MEGABYTE / 2);
    let mostBuffered = 0;
    let sentBytes = 0;
    while (link.send({ type: "query", name: "plan", input }) !== undefined && sentBytes < 100 * MEGABYTE) {
      sentBytes += input.length;
      mostBuffered = Math.max(mostBuffered, socket.bufferedAmount);
      await nextTurn();
    }
    expect(socket.readyState).not.toBe(WebSocket.OPEN);
    expect(mostBuffered).toBeGreaterThan(8 * MEGABYTE);
    expect(mostBuffered).toBeLessThan(17 * MEGABYTE);
  });

  const answer = (output: string) => JSON.stringify({ type: "answer", id: newId("frm"), query: newId("frm"), output });

  it("is heard on while what it said before is on its way to the disk, until too much is", async () => {
    const held = Promise.withResolvers<void>();
    const heard: unknown[] = [];
    const { agent, socket } = await linked((frame) => {
      heard.push(frame.type === "answer" ? frame.output : frame.type);
      return { later: held.promise };
    });
    for (let nth = 0; nth < 70; nth++) agent.send(answer(`${nth}`));
    while (!socket.isPaused) await nextTurn();
    for (let turn = 0; turn < 100; turn++) await nextTurn();
    expect(socket.isPaused).toBe(true);
    expect(heard.slice(0, 64)).toEqual(Array.from({ length: 64 }, (_output, nth) => `${nth}`));
    held.resolve();
    while (heard.length < 70) await nextTurn();
    expect(agent.readyState).toBe(WebSocket.OPEN);
  });

  it("is told when what it said before could not be stored", async () => {
    const { agent } = await linked(() => ({ later: Promise.reject(new Problem("disk_full", "no room is left")) }));
    const closed = once(agent, "close");
    agent.send(answer("x"));
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([closeCodes.badFrame, "disk_full"]);
  });

  it("that floods a hub which cannot keep up is no longer read, and nothing is lost", async () => {
    const held = Promise.withResolvers<void>();
    let handled = 0;
    const { agent, socket } = await linked(async () => {
      await held.promise;
      handled += 1;
    });
    const big = "x".repeat(MEGABYTE / 2);
    for (let nth = 0; nth < 40; nth++) agent.send(answer(big));
    while (!socket.isPaused) await nextTurn();
    for (let turn = 0; turn < 100; turn++) await nextTurn();
    // Most of it stays where it came from.
    expect(agent.bufferedAmount).toBeGreaterThan(4 * MEGABYTE);
    held.resolve();
    while (handled < 40) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(agent.readyState).toBe(WebSocket.OPEN);
  });
});
