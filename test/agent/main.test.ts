import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { lockExclusively } from "#agent/store/lock.ts";
import { builtAgentCommand, ensureAgentBuilt } from "#scripts/build-agent.ts";
import { type FakeHub, startFakeHub } from "./fake-hub.ts";

const fromSource = [process.execPath, fileURLToPath(new URL("../../agent/main.ts", import.meta.url))];

interface Agent {
  readonly child: ChildProcess;
  /** Exit code. */
  readonly ended: Promise<number>;
  readonly output: () => string;
}

let directory: string;
let hub: FakeHub;
let agents: Agent[];

const inDirectory = (name: string) => join(directory, name);
const inData = (name: string) => inDirectory(`data/${name}`);

beforeAll(() => ensureAgentBuilt({ log: () => undefined }));

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "wopr-main-"));
  agents = [];
  hub = await startFakeHub();
  mkdirSync(inDirectory("modules"));
  writeFileSync(inDirectory("token"), hub.token);
  configure({});
});
afterEach(async () => {
  for (const { child } of agents) child.kill("SIGKILL");
  await Promise.all(agents.map(({ ended }) => ended));
  await hub.stop();
  rmSync(directory, { recursive: true });
});

/** Nothing listens where its Docker should be: nothing on this machine can be touched. */
function configure(changes: Record<string, unknown>) {
  const config = {
    hub: hub.origin,
    dataDirectory: inDirectory("data"),
    enrolmentTokenFile: inDirectory("token"),
    dockerSocket: inDirectory("no-docker.sock"),
    modulesDirectory: inDirectory("modules"),
    certificates: "internal",
    sampleMs: 100,
    ...changes,
  };
  writeFileSync(inDirectory("agent.json"), JSON.stringify(config));
}

function startAgent([program = "", ...argv] = fromSource): Agent {
  const child: ChildProcess = spawn(program, [...argv, "--config", inDirectory("agent.json")]);
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    output += chunk;
  });
  const ended = once(child, "exit").then(([code]) => Number(code));
  const agent = { child, ended, output: () => output };
  agents.push(agent);
  return agent;
}

function ask(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, agent: false }, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve(JSON.parse(text));
    });
    asking.on("error", reject);
    asking.end();
  });
}

describe("the agent", () => {
  it.each([
    ["from source", fromSource],
    ["as it is built", builtAgentCommand],
  ])("enrols, links, samples, answers on its sockets, and stops in good order: %s", async (_how, command) => {
    const agent = startAgent(command);
    await hub.frame("report");
    expect((await hub.frame("inventory")).inventory.dashboardUrl).toBe("https://ada.example.org");
    expect(await ask(inData("root.sock"), "/api/me")).toEqual({ email: "root", role: "owner" });
    expect(await ask(inData("caddy/web.sock"), "/api/me")).toMatchObject({ code: "not_signed_in" });
    const modes = ["", "agent.key", "root.sock", "caddy/web.sock"].map((name) => statSync(inData(name)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o666]);
    expect(existsSync(inDirectory("token"))).toBe(false);

    agent.child.kill("SIGTERM");
    expect(await agent.ended).toBe(0);
    expect(existsSync(inData("root.sock"))).toBe(false);
    expect(hub.closed.at(-1)?.code).toBe(1001);
    const lines = agent.output().trim().split("\n");
    expect(lines.map((line) => Object(JSON.parse(line)).msg)).toContain("linked to the hub");
    const key = readFileSync(inData("agent.key"), "utf8").split("\n")[1] ?? "no key";
    expect(agent.output()).not.toContain(key);
    expect(agent.output()).not.toContain(hub.token);
  });

  it("is itself again after it was killed, and replaces its sockets", async () => {
    const first = startAgent();
    await hub.welcomed(1);
    await vi.waitFor(() => expect(existsSync(inData("root.sock"))).toBe(true), 60_000);
    first.child.kill("SIGKILL");
    await first.ended;
    expect(existsSync(inData("root.sock"))).toBe(true);
    startAgent();
    await hub.welcomed(2);
    expect(await ask(inData("root.sock"), "/health")).toEqual({ status: "ok", version: "0.1.0" });
    expect(hub.requests.filter((path) => path === "/api/agent/enrol")).toHaveLength(1);
    expect(hub.impostors).toBe(0);
  });

  it("is the only one of its data folder", async () => {
    startAgent();
    await hub.welcomed(1);
    const second = startAgent();
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/another agent is running/);
    expect(await ask(inData("root.sock"), "/health")).toMatchObject({ status: "ok" });
  });

  it("works without its hub once it is enrolled", async () => {
    const first = startAgent();
    await hub.welcomed(1);
    first.child.kill("SIGTERM");
    await first.ended;
    await hub.stop();
    startAgent();
    await vi.waitFor(
      async () => expect(await ask(inData("root.sock"), "/health")).toMatchObject({ status: "ok" }),
      60_000,
    );
    expect(await ask(inData("root.sock"), "/api/overview")).toMatchObject({
      name: "ada",
      inventory: { instances: [] },
    });
    await hub.start();
    await hub.welcomed(2);
  });

  it("measures, answers and keeps its link while its Docker takes connections and answers none", async () => {
    const held = new Set<Socket>();
    const docker = createServer((socket) => held.add(socket));
    docker.listen(inDirectory("hanging.sock"));
    configure({ dockerSocket: inDirectory("hanging.sock") });
    try {
      startAgent();
      await hub.welcomed(1);
      const { names } = await hub.frame("series", ({ names }) => names.includes("docker_answers_count"));
      expect(names).toContain("cpu_percent");
      hub.send({ type: "watch", seconds: 60 });
      expect(await ask(inData("root.sock"), "/api/overview")).toMatchObject({ name: "ada" });
      // One a second, but for the few seconds in half a minute in which Docker is waited for.
      const seen = () => hub.frames.filter(({ type }) => type === "live").length;
      const before = seen();
      await vi.waitFor(() => expect(seen()).toBeGreaterThan(before + 5), 30_000);
      const ping = hub.send({ type: "ping" });
      await hub.frame("pong", (frame) => frame.ping === ping);
      expect([hub.closed, held.size > 0]).toEqual([[], true]);
    } finally {
      for (const socket of held) socket.destroy();
      docker.close();
    }
  });

  it("stops while it waits for a hub that is not there", async () => {
    await hub.stop();
    const agent = startAgent();
    await vi.waitFor(() => expect(agent.output()).toMatch(/did not enrol/), 60_000);
    agent.child.kill("SIGINT");
    expect(await agent.ended).toBe(0);
    await hub.start();
  });

  const hopeless: [string, () => void, RegExp][] = [
    [
      "whose token is refused",
      () => writeFileSync(inDirectory("token"), "t".repeat(30)),
      /enrolment_token_unknown.*Ask for a new one/,
    ],
    ["without a token", () => rmSync(inDirectory("token")), /cannot be read.*Ask the hub for a new token/],
    ["with a wrong setting", () => configure({ sampleMs: "often" }), /agent\.json is not valid: sampleMs/],
    [
      "with a configuration that is not JSON",
      () => writeFileSync(inDirectory("agent.json"), "{"),
      /cannot be read as JSON/,
    ],
  ];
  it.each(hopeless)("%s ends with 2 and says what to do", async (_what, prepare, words) => {
    prepare();
    const agent = startAgent();
    expect(await agent.ended).toBe(2);
    expect(agent.output()).toMatch(words);
  });
});

describe("lockExclusively", () => {
  it("is given back", () => {
    const file = inDirectory("lock");
    const unlock = lockExclusively(file);
    expect(() => lockExclusively(file)).toThrow(expect.objectContaining({ code: "conflict" }));
    unlock();
    lockExclusively(file)();
  });
});
