// @module-tag docker
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StandInMirror } from "#scripts/stand-ins.ts";
import { type ExecItem, ExecItem as Item } from "#shared/api/exec.ts";
import { containerSpec, unchecked } from "#test/agent/docker/container-spec.ts";
import { docker as cli, until } from "#test/agent/docker/engine.ts";
import { pullMisbehaving } from "#test/agent/docker/with-docker.ts";
import { type RealAgent, startRealAgent } from "#test/real-agent.ts";
import type { TestClient, TestEvents } from "./test-client.ts";
import { startTestHub, type TestHub } from "./test-hub.ts";

let mirror: StandInMirror;
let hub: TestHub;
let agent: RealAgent;
let owner: TestClient;
let beacon: string;

beforeAll(async () => {
  mirror = await pullMisbehaving();
  hub = await startTestHub();
  beacon = await hub.addBeacon("ada", "ada@example.org");
  const spec = containerSpec({ entrypoint: ["sleep", "1000"], healthcheck: unchecked });
  agent = await startRealAgent({ hub: hub.url, token: await hub.issueToken(beacon), spec });
  owner = await hub.owner("ada@example.org");
  await until(async () => Object(await overview()).online === true);
}, 60_000);
afterAll(async () => {
  await agent?.remove();
  await hub?.stop();
  await mirror?.stop();
});

const overview = async () => (await owner.get(`/api/beacons/${beacon}/overview`)).body;
const path = (rest = "") => `/api/beacons/${beacon}/exec${rest}`;
const processes = async () =>
  (await cli("top", agent.container, "-eo", "pid,args"))
    .split("\n")
    .filter((line) => /(bash|yes|sleep 2000)/.test(line));

interface Session {
  readonly id: string;
  readonly events: TestEvents;
  readonly type: (text: string) => Promise<void>;
  readonly say: (word: object) => ReturnType<TestClient["post"]>;
  /** Reads, and says that it was shown, until the text has come. */
  readonly readTo: (wanted: string) => Promise<string>;
}

async function open(request: object = {}, person = owner): Promise<Session> {
  const events = await person.events(path(), { instance: "app", ...request });
  const opened = Item.parse(await events.next("opened"));
  if (opened.type !== "opened") throw new Error("not opened");
  const say = (word: object) => person.post(path(`/${opened.session}`), { words: [word] });
  let bytes = 0;
  let text = "";
  return {
    id: opened.session,
    events,
    say,
    type: async (typed) => {
      const answer = await say({ type: "input", bytes: Buffer.from(typed).toString("base64") });
      expect(answer.status).toBe(204);
    },
    readTo: async (wanted) => {
      while (!text.includes(wanted)) {
        const item: ExecItem = Item.parse(await events.next("output"));
        const piece = Buffer.from(item.type === "output" ? item.bytes : "", "base64");
        text = (text + piece.toString()).slice(-100_000);
        bytes += piece.length;
        await say({ type: "shown", bytes });
      }
      return text;
    },
  };
}

describe("a shell in a container, through the hub", () => {
  test("takes what is typed and new sizes, passes its exit code on, and is in the audit log without what was typed", async () => {
    const shell = await open({ columns: 90, rows: 20 });
    await shell.type("stty size\n");
    await shell.readTo("20 90");
    await shell.say({ type: "resize", columns: 70, rows: 15 });
    await shell.type("stty size; exit 5 # hunter2\n");
    await shell.readTo("15 70");
    expect(await shell.events.next("exit")).toMatchObject({ code: 5 });
    expect(await shell.events.next("end")).toEqual({});
    const audit = await until(async () => {
      const text = JSON.stringify((await (await hub.operator()).get("/api/audit")).body);
      return text.includes("exec.end") ? text : undefined;
    });
    expect(audit).toContain("ada@example.org");
    expect(audit).toContain("app/web");
    expect(audit).toContain('"exitCode":5');
    expect(audit).not.toContain("hunter2");
    expect((await shell.say({ type: "eof" })).status).toBe(404);
  });

  test("is nobody else's to speak to, and nobody else's to open", async () => {
    const shell = await open();
    const operator = await hub.operator();
    const word = { type: "input", bytes: Buffer.from("id\n").toString("base64") };
    expect((await operator.post(path(`/${shell.id}`), { words: [word] })).status).toBe(404);
    const stranger = await hub.owner("bob@example.org");
    expect((await stranger.post(path(), { instance: "app" })).status).toBe(404);
    expect((await hub.client().post(path(), { instance: "app" })).status).toBe(401);
    expect((await owner.post(path(), { instance: "app" }, { origin: "https://evil.example" })).status).toBe(403);
    await shell.events.close();
    await until(async () => (await processes()).length === 0);
  });

  test("says why it cannot be opened", async () => {
    expect(await owner.post(path(), { instance: "nothing" })).toMatchObject({
      status: 404,
      body: { code: "not_found", hint: "Installed are: app." },
    });
    expect(await owner.post(path(), { instance: "app", service: "db" })).toMatchObject({
      status: 404,
      body: { hint: "It has: web." },
    });
  });

  test("ends, with what it has started, when the reader goes and when the link goes", async () => {
    const gone = await open();
    await gone.type("sleep 2000 & echo started\n");
    await gone.readTo("started\r\n");
    await gone.events.close();
    await until(async () => (await processes()).length === 0);

    const cut = await open();
    await cut.type("sleep 2000 & echo started\n");
    await cut.readTo("started\r\n");
    await hub.restart();
    await until(async () => (await processes()).length === 0);
    await until(async () => Object(await overview()).online === true);
  });

  test("that floods a reader who does not read grows nothing, and lets others through", async () => {
    const rssOf = (pid: number | undefined) =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
    const memory = rssOf(agent.process().pid);
    // Neither reads nor says that anything was shown.
    const silent = await open({ command: ["yes", "x".repeat(500)] });
    const reading = await open({ command: ["yes", "y".repeat(500)] });
    const heap = process.memoryUsage().rss;
    let bytes = 0;
    let shown = 0;
    const readTill = async (isEnough: () => boolean) => {
      while (!isEnough()) {
        const item = Item.parse(await reading.events.next(/output|exit/));
        if (item.type === "exit") return item.code;
        bytes += Buffer.from(item.type === "output" ? item.bytes : "", "base64").length;
        if (bytes - shown < 64 * 1024) continue;
        shown = bytes;
        await reading.say({ type: "shown", bytes });
      }
      return undefined;
    };
    const reader = readTill(() => bytes > 4_000_000);
    const others: number[] = [];
    for (let asked = 0; asked < 10; asked++) {
      const from = performance.now();
      const request = { name: "module.stop", input: { instance: "app" } };
      expect((await owner.post(`/api/beacons/${beacon}/plan`, request)).status).toBe(200);
      others.push(performance.now() - from);
    }
    await reader;
    expect(Math.max(...others)).toBeLessThan(5_000);
    expect(rssOf(agent.process().pid) - memory).toBeLessThan(150e6);
    expect(process.memoryUsage().rss - heap).toBeLessThan(200e6);
    // Ctrl+C is heard though output piles up, and little comes after it: the engine itself holds a megabyte (`blockThreshold`
    // in https://github.com/moby/moby/blob/v20.10.24/pkg/ioutils/bytespipe.go).
    await reading.type("\u0003");
    const before = bytes;
    expect(await readTill(() => false)).toBe(130);
    expect(bytes - before).toBeLessThan(5_000_000);
    await silent.events.close();
    await until(async () => (await processes()).length === 0);
  });

  test("outlives no agent: one that starts again ends what a killed one has left", async () => {
    const shell = await open();
    await shell.type("trap '' HUP; sleep 2000\n");
    await until(async () => (await processes()).some((line) => line.includes("sleep 2000")));
    await agent.kill();
    expect((await processes()).length).toBeGreaterThan(0);
    await agent.start();
    await until(async () => (await processes()).length === 0);
  });
});
