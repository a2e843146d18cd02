import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import type { NamedSeries } from "#shared/metrics/series-table.ts";
import { Problem } from "#shared/problem.ts";
import { type AgentFrame, MAX_FRAME_BYTES } from "#shared/protocol/frames.ts";
import { KEYS_FOLLOW_SINCE } from "#shared/protocol/version.ts";
import type { Handout } from "../alerts/handout.ts";
import type { AlertIntake } from "../alerts/intake.ts";
import type { CommandReports } from "../commands/dispatch.ts";
import type { NewId } from "../id.ts";
import type { History } from "../ingest/history.ts";
import type { Ingest } from "../ingest/ingest.ts";
import type { Live } from "../live.ts";
import type { Layout } from "../store/series-layouts.ts";
import type { Trust } from "../trust/trust.ts";
import { createHandshake, type HandshakeParts } from "./handshake.ts";
import { type Handling, type Link, openLink, PING_EVERY_MS, SILENCE_MS, TICKS_PER_PING } from "./link.ts";
import type { AttachedLink, Links } from "./links.ts";
import { createPulse, type Pulse } from "./pulse.ts";
import { createWaitingRoom } from "./waiting-room.ts";
import type { Watch } from "./watch.ts";

export const AGENT_LINK_PATH = "/api/agent/link";
const HELLO_MS = 10_000;
/**
 * Connections that have not proved themselves yet: as many as can in a part of the time that each has, when a whole fleet comes back at
 * once. Those beyond are told when to come again.
 */
const MAX_STRANGERS = 1_000;

export interface LinkLimits {
  readonly helloMs?: number | undefined;
  readonly pingEveryMs?: number | undefined;
  readonly silenceMs?: number | undefined;
  readonly maxStrangers?: number | undefined;
}

export interface AgentEndpointParts extends HandshakeParts, LinkLimits {
  readonly links: Links;
  readonly reports: CommandReports;
  readonly ingest: Ingest;
  readonly history: Pick<History, "spans" | "gaps">;
  readonly events: AlertIntake;
  readonly handout: Pick<Handout, "connected">;
  readonly watch: Watch;
  readonly trust: Trust;
  readonly live: Live;
  readonly log: Logger;
  readonly newId: NewId;
}

/** Where agents connect: `GET /api/agent/link`, upgraded to a WebSocket. */
export interface AgentEndpoint {
  /** Takes over a request that asks for the agents' path. @returns whether it did. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Asks all agents to close; they come back by themselves. */
  stop(): void;
  /** Cuts the connections that are still there. */
  terminate(): void;
}

export function createAgentEndpoint(parts: AgentEndpointParts): AgentEndpoint {
  // Deflate was measured to cost 14 times the CPU and memory for frames of this size.
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  const strangers = new Set<WebSocket>();
  const tickMs = (parts.pingEveryMs ?? PING_EVERY_MS) / TICKS_PER_PING;
  const beat = { pulse: createPulse(tickMs), silenceTicks: (parts.silenceMs ?? SILENCE_MS) / tickMs };

  const waitingRoom = createWaitingRoom(() => performance.now());

  const welcome = (socket: WebSocket) => {
    strangers.add(socket);
    startConversation({ ...parts, ...beat }, socket, () => strangers.delete(socket));
  };

  return {
    upgrade: (request, socket, head) => {
      if (new URL(request.url ?? "/", "http://hub").pathname !== AGENT_LINK_PATH) return false;
      if (strangers.size >= (parts.maxStrangers ?? MAX_STRANGERS)) waitingRoom.refuse(socket);
      else server.handleUpgrade(request, socket, head, welcome);
      return true;
    },
    stop: () => {
      parts.links.closeAll("shutdown");
      for (const socket of strangers) socket.close(GOING_AWAY);
      server.close();
    },
    terminate: () => {
      beat.pulse.stop();
      for (const socket of server.clients) socket.terminate();
    },
  };
}

/** RFC 6455 section 7.4.1. */
const GOING_AWAY = 1001;

interface ConversationParts extends AgentEndpointParts {
  readonly pulse: Pulse;
  readonly silenceTicks: number;
}

/** From challenge to close of one connection. @param onKnown Called once, when it is no longer a stranger's. */
function startConversation(parts: ConversationParts, socket: WebSocket, onKnown: () => void): void {
  const { links, log, now, newId, pulse, silenceTicks } = parts;
  const handshake = createHandshake(parts);
  let agent: Conversation | undefined;

  const link = openLink({
    socket,
    log,
    now,
    newId,
    pulse,
    silenceTicks,
    onFrame: (frame) => {
      if (agent !== undefined) return takeIn(parts, agent, frame, link);
      if (frame.type === "hello") return greet(frame);
      throw new Problem("invalid_frame", `expected hello first, got ${frame.type}`);
    },
    onClose: (heardAt) => {
      clearTimeout(patience);
      onKnown();
      if (agent?.attached.detach()) afterwards(parts.ingest.left(agent.beacon, heardAt));
    },
  });
  const patience = setTimeout(() => link.close("silent", "no hello came"), parts.helloMs ?? HELLO_MS);

  const afterwards = (work: Promise<void>) => {
    work.catch((error: unknown) => log.error({ error }, "a change of a link could not be recorded"));
  };

  async function greet(hello: Extract<AgentFrame, { type: "hello" }>) {
    // From here on it is the hub that takes its time: to cut off whoever waits for it would have the work done again.
    clearTimeout(patience);
    const accepted = await handshake
      .accept(hello)
      .catch((error: unknown) => refuse(link, hello.protocol, Problem.wrap(error), log));
    if (accepted === undefined || socket.readyState !== socket.OPEN) return;
    onKnown();
    const beacon = accepted.beacon.id;
    if (accepted.keys.length > 0) link.send({ type: "keys", statements: [...accepted.keys] });
    link.send({ type: "welcome", statement: accepted.welcome });
    // Before anything is awaited: a socket that closes meanwhile has to be detached.
    agent = { beacon, attached: links.attach(beacon, link, hello.protocol), layout: undefined };
    parts.trust.attached(hello.protocol, link);
    afterwards(parts.handout.connected(beacon));
    await parts.ingest.arrived(beacon, hello.agentVersion);
    parts.watch.connected(beacon);
    afterwards(parts.trust.connected(beacon));
    const { protocol, running, unacknowledged } = hello;
    afterwards(parts.reports.connected(beacon, { protocol, running, unacknowledged }));
  }

  link.send({ type: "challenge", ...handshake.challenge });
}

function refuse(link: Link, protocol: number, problem: Problem, log: Logger): undefined {
  log.warn({ problem, cause: problem.cause }, "an agent was refused");
  // Its connection is worth trying again soon.
  if (problem.retryable) {
    link.close("later", problem.code);
    return;
  }
  // Older agents do not know the code of it.
  const isRevoked = problem.code === "beacon_revoked";
  if (!isRevoked || protocol >= KEYS_FOLLOW_SINCE) link.send({ type: "refuse", problem: problem.toJSON() });
  link.close(isRevoked ? "revoked" : "refused", problem.code);
}

interface Conversation {
  /** Its id. */
  readonly beacon: string;
  readonly attached: AttachedLink;
  /** The series by the numbers that they have on this link. */
  layout: Layout | undefined;
}

/** Frames that are acknowledged when they are taken in; to the others something else is said, or nothing. */
const acknowledged: ReadonlySet<AgentFrame["type"]> = new Set([
  "result",
  "metrics",
  "report",
  "history",
  "gaps",
  "event",
  "inventory",
  "rotate",
]);

/** Not an async function: that would keep the frame until it is on the disk, and with it, when a fleet reports at once, megabytes. */
function takeIn(parts: AgentEndpointParts, agent: Conversation, frame: AgentFrame, link: Link): Handling {
  const taken = handOver(parts, agent, frame);
  if (!acknowledged.has(frame.type)) return taken;
  const told = taken.then(acknowledge(link, frame.id, parts.now));
  // Samples gather for a tenth of a second, in which the end of a command would wait behind them.
  return frame.type === "report" || frame.type === "metrics" ? { later: told } : told;
}

const acknowledge = (link: Link, id: string, now: () => number) => () => {
  link.send({ type: "ack", of: [id], time: now() });
};

async function nameSeries({ ingest }: AgentEndpointParts, agent: Conversation, frame: NamedSeries): Promise<void> {
  agent.layout = await ingest.series(agent.layout, frame);
}

const nothing = Promise.resolve();

function handOver(parts: AgentEndpointParts, agent: Conversation, frame: AgentFrame): Promise<void> {
  const { reports, ingest, history, events, trust, live } = parts;
  const { beacon, attached } = agent;
  switch (frame.type) {
    case "report":
      return ingest.report(beacon, agent.layout, frame.samples);
    case "hello":
      throw new Problem("invalid_frame", "hello came a second time");
    case "accepted":
      return reports.accepted(beacon, frame);
    case "progress":
      return reports.progress(beacon, frame.progress, frame.startedAt);
    case "result":
      return reports.result(beacon, frame.result);
    case "metrics":
      return ingest.samples(beacon, frame.samples);
    case "series":
      return nameSeries(parts, agent, frame);
    case "history":
      return history.spans(beacon, agent.layout, frame);
    case "gaps":
      return history.gaps(beacon, frame.gaps);
    case "event":
      return events.take(beacon, frame.events);
    case "inventory":
      return ingest.inventory(beacon, frame.inventory);
    case "rotate":
      return trust.rotate(beacon, frame);
    case "live":
      live.publish("live", { beacon, sample: frame.sample });
      return nothing;
    case "answer":
      attached.answer(frame);
      return nothing;
    case "data":
      attached.data(frame);
      return nothing;
    case "end":
      attached.end(frame);
      return nothing;
    case "pong":
      return nothing;
  }
}
