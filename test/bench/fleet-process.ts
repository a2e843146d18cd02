/**
 * Many simulated agents in one process: each proves itself as a real one does, reports every `everyMs` and answers commands at
 * once. Argument: the settings as JSON. Prints a line of JSON when all are linked and one at its end, on SIGTERM.
 */
import { createPrivateKey, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { z } from "zod";
import { sign } from "#shared/protocol/signing.ts";
import { CommandStatement } from "#shared/protocol/statement.ts";
import { PROTOCOL } from "#shared/protocol/version.ts";

const Settings = z.object({
  origin: z.string(),
  privateKey: z.string(),
  beacons: z.array(z.string()),
  everyMs: z.number(),
  /** Containers on each beacon. */
  containers: z.number(),
});
const { origin, privateKey, beacons, everyMs, containers } = Settings.parse(JSON.parse(process.argv[2] ?? "{}"));
const key = createPrivateKey(privateKey);

const host = Array.from({ length: 45 }, (_name, index) => `host_series_number_${index}_bytes_per_second`);
const perContainer = ["cpu_percent", "memory_bytes", "memory_limit_bytes", "network_received_bytes_per_second"];
const ofContainers = Array.from({ length: containers }, (_name, index) =>
  [...perContainer, "network_sent_bytes_per_second", "healthy_count"].map(
    (name) => `container/app${index}/web/${name}`,
  ),
).flat();
/** All but the time, since a real agent spends its time elsewhere. */
const values = JSON.stringify(
  Object.fromEntries([...host, ...ofContainers].map((name, index) => [name, index * 1.37])),
);

let frames = 0;
let sent = 0;
let acknowledged = 0;
let linked = 0;
let reconnects = 0;
let ending = false;
const frameId = () => `frame_${String(++frames).padStart(12, "0")}`;

const Frame = z.object({
  type: z.string(),
  nonce: z.string().optional(),
  of: z.array(z.string()).optional(),
  statement: z.object({ payload: z.string() }).optional(),
});

function link(beacon: string, index: number): void {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/api/agent/link`, { perMessageDeflate: false });
  const say = (frame: object) => socket.send(JSON.stringify({ id: frameId(), ...frame }));
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function report(): void {
    const id = frameId();
    waiting.add(id);
    sent += 1;
    const at = Date.now() - (Date.now() % 1000);
    socket.send(`{"type":"metrics","id":"${id}","samples":[{"at":${at},"values":${values}}]}`);
  }

  function hello(nonce: string): void {
    const statement = { beacon, challenge: nonce, nonce: randomBytes(18).toString("base64url"), hub: origin };
    const proof = sign("hello", statement, key, beacon);
    say({ type: "hello", protocol: PROTOCOL, agentVersion: "0.1.0", statement: proof, commands: [], running: [] });
  }

  socket.on("message", (data) => {
    const frame = Frame.parse(JSON.parse(String(data)));
    if (frame.type === "challenge") hello(frame.nonce ?? "");
    if (frame.type === "welcome") {
      linked += 1;
      if (linked === beacons.length) console.log(JSON.stringify({ linked }));
      // Evenly over the time between two reports.
      timer = setTimeout(
        () => {
          report();
          timer = setInterval(report, everyMs);
        },
        (index / beacons.length) * everyMs,
      );
    }
    if (frame.type === "ack") for (const id of frame.of ?? []) if (waiting.delete(id)) acknowledged += 1;
    if (frame.type === "command") {
      const command = CommandStatement.parse(JSON.parse(frame.statement?.payload ?? ""));
      const now = Date.now();
      say({ type: "accepted", command: command.id });
      say({
        type: "result",
        result: { command: command.id, outcome: "done", startedAt: now, finishedAt: now, steps: 0 },
      });
    }
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearTimeout(timer);
    if (ending) return;
    reconnects += 1;
    setTimeout(() => link(beacon, index), Math.random() * 3000);
  });
  process.once("SIGTERM", () => clearTimeout(timer));
}

process.setMaxListeners(0);
for (const [index, beacon] of beacons.entries()) {
  link(beacon, index);
  if (index % 50 === 0) await sleep(50);
}
process.once("SIGTERM", () => {
  setTimeout(() => {
    ending = true;
    console.log(JSON.stringify({ sent, acknowledged, reconnects }));
    process.exit(0);
  }, 3000);
});
