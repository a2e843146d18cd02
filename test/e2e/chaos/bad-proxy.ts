import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import type { SeededRandom } from "./random.ts";

/**
 * What may come again, or late, on another link than the one it was sent on: each of these stands for itself. The frames of the
 * handshake answer a challenge, and numbered samples are about the series of their own link.
 */
const replayable: readonly string[] = ["command", "cancel", "accepted", "progress", "result", "ack", "ping", "pong"];
const Frame = z.object({ type: z.string() });

type Way = "toHub" | "toAgent";

export interface BadProxy {
  readonly port: number;
  /** What it has done so far. */
  readonly deeds: Readonly<
    Record<"links" | "delayed" | "doubled" | "replayed" | "swallowed" | "reset" | "halfOpened", number>
  >;
  /** From now on it only passes on. */
  readonly behave: () => void;
  readonly stop: () => Promise<void>;
}

/** Stands between an agent and its hub and does all that networks do, and some that only an enemy does. */
export async function startBadProxy(port: number, hubPort: number, random: SeededRandom): Promise<BadProxy> {
  const deeds = { links: 0, delayed: 0, doubled: 0, replayed: 0, swallowed: 0, reset: 0, halfOpened: 0 };
  /** Frames of former links, some of which never arrived. */
  const past: Record<Way, string[]> = { toHub: [], toAgent: [] };
  const sockets = new Set<Socket>();
  let isBad = true;

  const remember = (way: Way, text: string) => {
    if (!replayable.includes(Frame.parse(JSON.parse(text)).type)) return;
    past[way].push(text);
    if (past[way].length > 200) past[way].splice(random.between(0, 199), 1);
  };

  function link(agent: WebSocket) {
    deeds.links += 1;
    const hub = new WebSocket(`ws://127.0.0.1:${hubPort}/api/agent/link`, { perMessageDeflate: false });
    const stopped: Record<Way, boolean> = { toHub: false, toAgent: false };
    const cut = () => {
      agent.terminate();
      hub.terminate();
    };
    const pass = (way: Way, text: string) => {
      const to = way === "toHub" ? hub : agent;
      if (to.readyState === WebSocket.OPEN) to.send(text);
    };
    /** One after the other, in order: it is still TCP. */
    const pump = (way: Way) => {
      let before = Promise.resolve();
      let count = 0;
      return (data: unknown) => {
        const text = String(data);
        before = before.then(async () => {
          count += 1;
          remember(way, text);
          if (stopped[way]) {
            deeds.swallowed += 1;
            return;
          }
          if (isBad && random.isOneIn(10)) {
            deeds.delayed += 1;
            await sleep(random.between(1, 80));
          }
          pass(way, text);
          // The handshake is over.
          if (!isBad || count < 3) return;
          const { type } = Frame.parse(JSON.parse(text));
          if (random.isOneIn(8) && replayable.includes(type)) {
            deeds.doubled += 1;
            pass(way, text);
          }
          const old = past[way][random.between(0, past[way].length - 1)];
          if (random.isOneIn(8) && old !== undefined) {
            deeds.replayed += 1;
            pass(way, old);
          }
          if (random.isOneIn(60)) {
            deeds.reset += 1;
            cut();
          } else if (random.isOneIn(90)) {
            // Whoever waits on the other end has to find out by the silence.
            deeds.halfOpened += 1;
            stopped[way] = true;
            if (random.isOneIn(2)) stopped[way === "toHub" ? "toAgent" : "toHub"] = true;
          }
        });
      };
    };
    const waiting: unknown[] = [];
    const toHub = pump("toHub");
    hub.on("open", () => {
      for (const data of waiting.splice(0)) toHub(data);
    });
    agent.on("message", (data) => (hub.readyState === WebSocket.CONNECTING ? void waiting.push(data) : toHub(data)));
    hub.on("message", pump("toAgent"));
    for (const [one, other, way] of [
      [agent, hub, "toHub"],
      [hub, agent, "toAgent"],
    ] as const) {
      one.on("error", () => cut());
      // A link that stands still does not even pass on that it is over.
      one.on("close", () => stopped[way] || other.terminate());
      one.on("ping", () => stopped[way] || other.readyState !== WebSocket.OPEN || other.ping());
    }
  }

  // It answers no ping by itself: whether the other end is there is the question.
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, autoPong: false });
  const http = createServer((_request, response) => response.writeHead(404).end());
  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  http.on("upgrade", (request: IncomingMessage, socket, head) => server.handleUpgrade(request, socket, head, link));
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    port,
    deeds,
    behave: () => {
      isBad = false;
      for (const socket of sockets) socket.destroy();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
