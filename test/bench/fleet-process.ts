/**
 * Many simulated agents in one process, cheap enough for one core: each proves itself as a real one does, says what it is, reports at its
 * rhythm or as fast as it is confirmed, keeps what was not, and comes back by the backoff of real ones. The first line that it reads has
 * the settings as JSON. Prints a line of JSON when all are linked, and one with its counts for each line that it reads; ends when there is nothing more to read.
 */
import { createPrivateKey, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs } from "#agent/backoff.ts";
import { connectionTimes } from "#agent/connection.ts";
import { sign } from "#shared/protocol/signing.ts";
import { PROTOCOL } from "#shared/protocol/version.ts";
import { type FleetCounts, FleetSettings } from "./fleet-settings.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";
import { inventoryText, seriesNames, valuesTexts } from "./simulated-beacon.ts";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const settings = FleetSettings.parse(JSON.parse((await lines.next()).value ?? "{}"));
const { port, origin, beacons, everyMs, containers, begun } = settings;
const key = createPrivateKey(settings.privateKey);
const series = JSON.stringify(seriesNames(containers));
const values = valuesTexts(containers);
const inventory = inventoryText(containers);
/** When the first sample of a fleet that does not wait was taken: far enough back that its clock does not run ahead of the hub's. */
const FLAT_FROM_MS = Date.now() - 20 * 86_400_000;

const counts: FleetCounts = { linked: 0, sent: 0, acknowledged: 0, results: 0, reconnects: 0, refused: 0 };
let frames = 0;
let isAllDone = false;
const frameId = () => `frm_${String(++frames).padStart(12, "0")}`;

interface Agent {
  readonly beacon: string;
  readonly index: number;
  socket: RawSocket | undefined;
  isLinked: boolean;
  /** Moments of samples that the hub has not confirmed. */
  readonly waiting: number[];
  /** The frame that is under way, and its moment. */
  underWay: { readonly id: string; readonly at: number } | undefined;
  readonly results: Map<string, string>;
  readonly resultFrames: Map<string, string>;
  failures: number;
  samples: number;
}

const begunBy = ({ index }: Agent) => `cmd_${begun}-${index}`;
const say = (agent: Agent, frame: object) => agent.socket?.send(JSON.stringify({ ...frame }));

function report(agent: Agent): void {
  const [at] = agent.waiting;
  if (at === undefined || agent.underWay !== undefined || !agent.isLinked) return;
  const id = frameId();
  agent.underWay = { id, at };
  const text = values[(at / 1000 + agent.index) % values.length];
  agent.socket?.send(`{"type":"report","id":"${id}","samples":[{"at":${at},"values":${text}}]}`);
}

function sample(agent: Agent, at: number): void {
  counts.sent += 1;
  agent.samples += 1;
  agent.waiting.push(at);
  report(agent);
}

const sampleFlat = (agent: Agent) => sample(agent, FLAT_FROM_MS - (FLAT_FROM_MS % 60_000) + agent.samples * 10_000);

function acknowledged(agent: Agent, of: readonly string[]): void {
  for (const id of of) {
    if (agent.underWay?.id === id) {
      agent.underWay = undefined;
      agent.waiting.shift();
      counts.acknowledged += 1;
      if (settings.flat) sampleFlat(agent);
      else report(agent);
    }
    const command = agent.resultFrames.get(id);
    if (command !== undefined && agent.results.delete(command)) counts.results += 1;
  }
}

function sendResult(agent: Agent, command: string): void {
  const id = frameId();
  agent.resultFrames.set(id, command);
  agent.results.set(command, id);
  const now = Date.now();
  say(agent, { type: "result", id, result: { command, outcome: "done", startedAt: now, finishedAt: now, steps: 0 } });
}

function hello(agent: Agent, nonce: string): void {
  const { beacon } = agent;
  const statement = { beacon, challenge: nonce, nonce: randomBytes(18).toString("base64url"), hub: origin };
  const proof = sign("hello", statement, key, beacon);
  const unacknowledged = [...agent.results.keys()];
  const running = isAllDone ? [] : [begunBy(agent)];
  const said = { protocol: PROTOCOL, agentVersion: "0.1.0", statement: proof, commands: [], running, unacknowledged };
  say(agent, { type: "hello", id: frameId(), ...said });
}

function welcomed(agent: Agent): void {
  agent.isLinked = true;
  counts.linked += 1;
  if (counts.linked === beacons.length) console.log(JSON.stringify(counts));
  agent.socket?.send(`{"type":"series","id":"${frameId()}","from":0,"names":${series}}`);
  agent.socket?.send(`{"type":"inventory","id":"${frameId()}","inventory":${inventory}}`);
  for (const command of agent.results.keys()) sendResult(agent, command);
  if (settings.flat && agent.samples === 0) sampleFlat(agent);
  report(agent);
}

function take(agent: Agent, text: string): void {
  const frame: { type: string; nonce: string; of: string[]; statement: { payload: string } } = JSON.parse(text);
  if (frame.type === "ack") acknowledged(agent, frame.of);
  else if (frame.type === "challenge") hello(agent, frame.nonce);
  else if (frame.type === "welcome") welcomed(agent);
  else if (frame.type === "ping") say(agent, { type: "pong", id: frameId(), ping: "frm_00000000" });
  else if (frame.type === "command") {
    const { id }: { id: string } = JSON.parse(frame.statement.payload);
    if (id === begunBy(agent)) return;
    say(agent, { type: "accepted", id: frameId(), command: id });
    sendResult(agent, id);
  }
}

function dial(agent: Agent): void {
  agent.socket = openRawSocket(port, "/api/agent/link", {
    onText: (text) => take(agent, text),
    onClose: (refusal) => {
      if (agent.isLinked) counts.linked -= 1;
      else counts.refused += refusal === undefined ? 0 : 1;
      counts.reconnects += 1;
      agent.failures = agent.isLinked ? 1 : agent.failures + 1;
      agent.isLinked = false;
      agent.underWay = undefined;
      agent.resultFrames.clear();
      const [, seconds] = /\r\nretry-after: (\d+)/i.exec(refusal ?? "") ?? [];
      const comeAgainMs = seconds === undefined ? undefined : 1000 * (Number(seconds) + Math.random());
      setTimeout(dial, comeAgainMs ?? backoffMs(agent.failures, connectionTimes.backoff, Math.random), agent);
    },
  });
}

const agents = beacons.map(
  (beacon, index): Agent => ({
    ...{ beacon, index, socket: undefined, isLinked: false, underWay: undefined, failures: 0, samples: 0 },
    ...{ waiting: [], results: new Map(), resultFrames: new Map() },
  }),
);

/** Evenly over the time between two reports. */
async function keepRhythm(): Promise<void> {
  const slices = 100;
  for (let slice = 0; !ending; slice = (slice + 1) % slices) {
    const at = Math.floor(Date.now() / 1000) * 1000;
    for (let index = slice; index < agents.length; index += slices) {
      const agent = agents[index];
      if (agent !== undefined) sample(agent, at);
    }
    await sleep(everyMs / slices - (performance.now() % (everyMs / slices)));
  }
}

let ending = false;
for (const agent of agents) {
  dial(agent);
  if (agent.index % 100 === 99) await sleep(20);
}
if (!settings.flat) void keepRhythm();
for await (const line of lines) {
  if (line === "pause") ending = true;
  else if (line === "did") {
    isAllDone = true;
    for (const agent of agents) agent.results.set(begunBy(agent), "");
  }
  console.log(JSON.stringify(counts));
}
process.exit(0);
