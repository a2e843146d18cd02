import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { WebSocket } from "ws";
import { newId } from "#hub/id.ts";
import type { Enrolment } from "#shared/api/hub.ts";
import type { Inventory } from "#shared/inventory.ts";
import type { ProblemBody } from "#shared/problem.ts";
import { type CommandResult, HubFrame, type UnsentAgentFrame } from "#shared/protocol/frames.ts";
import { rawPublicKey, sign, verify } from "#shared/protocol/signing.ts";
import { CommandStatement, type HelloStatement, WelcomeStatement } from "#shared/protocol/statement.ts";
import { PROTOCOL } from "#shared/protocol/version.ts";
import { until } from "./provisioning/until.ts";

export interface AgentKey {
  readonly privateKey: KeyObject;
  readonly publicKey: string;
}

export function createAgentKey(): AgentKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { privateKey, publicKey: rawPublicKey(privateKey) };
}

export type FrameOf<Type extends HubFrame["type"]> = Extract<HubFrame, { type: Type }>;

/** The link is over, and what was waited for did not come. */
export class LinkClosed extends Error {
  override readonly name = "LinkClosed";
}

/** One WebSocket to the hub, in the hands of a test. Frames that came wait in order until they are asked for. */
export interface TestLink {
  /** The next frame of this type that was not taken yet; the ones of other types stay. @throws {LinkClosed} */
  take<Type extends HubFrame["type"]>(type: Type): Promise<FrameOf<Type>>;
  /** Frames of this type that wait. */
  waiting(type: HubFrame["type"]): number;
  send(frame: UnsentAgentFrame): string;
  sendRaw(data: string | Buffer): void;
  /** Reads nothing any more. */
  pause(): void;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): Promise<void>;
  terminate(): void;
}

/** Dials the hub, and does nothing else. */
export async function dial(hub: string): Promise<TestLink> {
  const socket = new WebSocket(`${hub.replace(/^http/, "ws")}/api/agent/link`, { perMessageDeflate: false });
  const inbox: HubFrame[] = [];
  socket.on("message", (data) => inbox.push(HubFrame.parse(JSON.parse(data.toString()))));
  socket.on("error", () => undefined);
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await new Promise((resolve) => {
    socket.once("open", resolve);
    socket.once("close", resolve);
  });
  const isOf = <Type extends HubFrame["type"]>(type: Type, frame: HubFrame): frame is FrameOf<Type> =>
    frame.type === type;
  return {
    take: async (type) => {
      await until(
        () => inbox.map((frame) => frame.type),
        (types) => types.includes(type) || socket.readyState === WebSocket.CLOSED,
      );
      const [frame] = inbox.splice(
        inbox.findIndex((one) => one.type === type),
        1,
      );
      if (frame !== undefined && isOf(type, frame)) return frame;
      throw new LinkClosed(`the link is closed, and no ${type} came`);
    },
    waiting: (type) => inbox.filter((frame) => frame.type === type).length,
    send: (frame) => {
      const id = newId("frm");
      socket.send(JSON.stringify({ ...frame, id }));
      return id;
    },
    sendRaw: (data) => socket.send(data),
    pause: () => socket.pause(),
    closed,
    close: async () => {
      socket.close();
      await closed;
    },
    terminate: () => socket.terminate(),
  };
}

export interface HelloOptions {
  readonly enrolment: Enrolment;
  readonly key: AgentKey;
  readonly protocol?: number;
  readonly running?: readonly string[];
  readonly unacknowledged?: readonly string[];
  /** What the statement says instead of the truth. */
  readonly statement?: Partial<HelloStatement>;
  /** Who signs it: the id of a beacon. */
  readonly signer?: string;
}

/** Answers the hub's challenge. */
export async function sayHello(hub: string, link: TestLink, options: HelloOptions): Promise<string> {
  const { enrolment, key, protocol = PROTOCOL, running = [], unacknowledged, signer = enrolment.beacon } = options;
  const { nonce: challenge } = await link.take("challenge");
  const nonce = newId("nonce");
  const statement: HelloStatement = { beacon: enrolment.beacon, challenge, nonce, hub, ...options.statement };
  link.send({
    type: "hello",
    protocol,
    agentVersion: "1.2.3",
    statement: sign("hello", statement, key.privateKey, signer),
    commands: [],
    running: [...running],
    ...(unacknowledged === undefined ? {} : { unacknowledged: [...unacknowledged] }),
  });
  return nonce;
}

/** A link on which hub and agent have proved themselves to each other. */
export async function connect(hub: string, options: HelloOptions): Promise<TestLink> {
  const link = await dial(hub);
  const nonce = await sayHello(hub, link, options);
  const { statement } = await link.take("welcome");
  const welcome = WelcomeStatement.parse(JSON.parse(verify("welcome", statement, options.enrolment.commandKeys)));
  if (welcome.nonce !== nonce || welcome.beacon !== options.enrolment.beacon) throw new Error("not our welcome");
  return link;
}

/** What stands in a command that came, once its signature was checked. */
export const readCommand = ({ statement }: FrameOf<"command">, { commandKeys }: Enrolment): CommandStatement =>
  CommandStatement.parse(JSON.parse(verify("command", statement, commandKeys)));

export function resultOf(command: string, problem?: ProblemBody): { type: "result"; result: CommandResult } {
  const times = { startedAt: Date.now() - 5, finishedAt: Date.now(), steps: 3 };
  return problem === undefined
    ? { type: "result", result: { command, outcome: "done", ...times } }
    : { type: "result", result: { command, outcome: "failed", problem, ...times } };
}

export const inventoryOf = (domain: string): Inventory => ({
  at: Date.now(),
  agentVersion: "1.2.3",
  host: {
    hostname: "test",
    system: "Debian",
    kernel: "6.1",
    architecture: "x64",
    cpuModel: "test",
    cores: 2,
    memoryBytes: 1024,
    diskBytes: 1024,
  },
  domain,
  instances: [],
  dashboardUrl: `https://${domain}:8443`,
  certificates: [],
});
