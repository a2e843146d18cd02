// @module-tag docker
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StandInMirror } from "#scripts/stand-ins.ts";
import { containerSpec, unchecked } from "#test/agent/docker/container-spec.ts";
import { docker as cli, until } from "#test/agent/docker/engine.ts";
import { pullMisbehaving } from "#test/agent/docker/with-docker.ts";
import { type FakeHub, startFakeHub } from "#test/agent/fake-hub.ts";
import { type RealAgent, startRealAgent } from "#test/real-agent.ts";

const main = join(import.meta.dirname, "../../cli/main.ts");
let mirror: StandInMirror;
let hub: FakeHub;
let agent: RealAgent;

beforeAll(async () => {
  mirror = await pullMisbehaving();
  hub = await startFakeHub();
  const entrypoint = ["sh", "-c", "echo hello from the app; exec sleep 1000"];
  agent = await startRealAgent({
    hub: hub.origin,
    token: hub.token,
    spec: containerSpec({ entrypoint, healthcheck: unchecked, stopSignal: "SIGKILL" }),
  });
  await until(() => existsSync(agent.socket));
}, 60_000);
afterAll(async () => {
  await agent?.remove();
  await hub?.stop();
  await mirror?.stop();
});

interface Outcome {
  readonly code: number | null;
  readonly out: Buffer;
  readonly said: string;
}

async function run(program: string, argv: readonly string[], input: Buffer | string = ""): Promise<Outcome> {
  const child = spawn(program, argv, { env: { ...process.env, WOPR_SOCKET: agent.socket, TERM: "xterm" } });
  const out: Buffer[] = [];
  let said = "";
  child.stdout.on("data", (bytes) => out.push(bytes));
  child.stderr.on("data", (bytes) => {
    said += bytes;
  });
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code, out: Buffer.concat(out), said };
}

const wopr = (argv: readonly string[], input?: Buffer | string) => run(process.execPath, [main, ...argv], input);
/** On a terminal of its own, of which the size is known. */
const onTerminal = (argv: readonly string[], input: string) => {
  const command = [process.execPath, main, ...argv].map((word) => `'${word}'`).join(" ");
  return run("script", ["--quiet", "--return", "--command", `stty rows 33 cols 101; ${command}`, "/dev/null"], input);
};

/** Until a command has nothing against it any more. */
async function untilDone(ask: () => Promise<Outcome>): Promise<Outcome> {
  let outcome = await ask();
  await until(async () => {
    outcome = await ask();
    return outcome.code === 0;
  });
  return outcome;
}

describe("wopr on a beacon", () => {
  it("says what there is to say, and how it is used", async () => {
    const { code, out } = await wopr(["help"]);
    expect(code).toBe(0);
    for (const word of [
      "modules",
      "install",
      "exec",
      "logs",
      "rotate-secrets",
      "compose up",
      "stats",
      "status",
      "metrics",
      "alerts",
    ]) {
      expect(out.toString()).toContain(`wopr ${word}`);
    }
    expect(await wopr(["stop"])).toMatchObject({
      code: 1,
      said: "name the instance\nUse: wopr stop INSTANCE [--plan]\n",
    });
    expect((await wopr(["install", "page", "--nope"])).said).toContain("--nope");
  });

  it("lists what is installed", async () => {
    const { out, code } = await wopr(["modules"]);
    expect(code).toBe(0);
    expect(out.toString().split("\n")[1]).toMatch(/^app +app +1 +running/);
  });

  it("passes on what the beacon says no to", async () => {
    expect(await wopr(["remove", "app", "--delete-data"])).toMatchObject({
      code: 1,
      said: expect.stringContaining("expected the name of the instance, because its data will be deleted"),
    });
    expect((await wopr(["install", "nothing"])).said).toContain("this beacon does not know a module nothing");
    expect((await wopr(["modules", "--socket", "/nowhere.sock"])).said).toContain("no agent answers on /nowhere.sock");
  });

  it("shows a plan without doing it, and does it with progress", async () => {
    expect((await wopr(["stop", "app", "--plan"])).out.toString()).toBe("1. Stop app/web\n2. Record app as stopped\n");
    expect(await cli("inspect", "--format", "{{.State.Running}}", agent.container)).toBe("true");
    const stopped = await wopr(["stop", "app"]);
    expect(stopped).toMatchObject({ code: 0, said: expect.stringMatching(/\[\d\/2\] .*\napp is stopped\.\n$/) });
    expect((await wopr(["exec", "app"])).said).toContain("Start it first.");
    expect((await wopr(["stats", "app"])).said).toContain("nothing of app runs");
    expect((await wopr(["start", "app"])).said).toContain("app runs.");
  });

  it("shows once what containers use, and whose there are none", async () => {
    const { out } = await wopr(["stats", "app"]);
    expect(out.toString()).toMatch(/^CONTAINER .*\napp\/web +\d+\.\d % +[\d.]+ [KM]B +no limit /);
    expect((await wopr(["stats", "nothing"])).said).toContain("there is no instance nothing");
  });

  it("says on one screen how it is, and by its exit code whether that is well", async () => {
    const shown = await wopr(["status"]);
    const text = shown.out.toString();
    expect(text).toMatch(/^ada \(ada\.[^)]*\) · agent \S+ up /);
    for (const what of ["hub", "to be sent", "modules", "certificates", "alerts"]) {
      expect(text).toMatch(new RegExp(`\n[ !] (${what}|critical|warning) +\\S`));
    }
    const { isWrong, findings, status, overview } = JSON.parse((await wopr(["status", "--json"])).out.toString());
    expect(shown.code).toBe(isWrong ? 3 : 0);
    expect(findings.length).toBeGreaterThan(3);
    expect(status.agentVersion).toBe(overview.agentVersion);
    expect((await wopr(["status", "--socket", "/nowhere.sock"])).code).toBe(1);
  });

  it("shows what is measured, now, in its course, and each second", async () => {
    // The first sample is kept ten seconds after the agent has begun.
    const now = await untilDone(() => wopr(["metrics"]));
    expect(now.out.toString()).toMatch(/^SERIES +NOW\n/);
    expect(now.out.toString()).toMatch(/\nmemory_total_bytes +[\d.]+ GB\n/);
    expect(now.out.toString()).not.toContain("container/");
    const memory = JSON.parse((await wopr(["metrics", "memory_*", "--json"])).out.toString());
    expect(Object.keys(memory.values)).toEqual(["memory_total_bytes", "memory_used_bytes"]);
    const course = (await wopr(["metrics", "memory_used_bytes", "--since", "15m"])).out.toString();
    expect(course).toMatch(/^SERIES +LOWEST +MEAN +HIGHEST +COURSE\nmemory_used_bytes +[\d.]+ [MG]B .*[▁▂▃▄▅▆▇█]\n$/);
    expect((await wopr(["metrics", "nothing_like_it"])).said).toContain("nothing that was measured is called");
    expect((await wopr(["metrics", "--since", "soon"])).said).toContain("no span of time");

    const live = spawn(process.execPath, [main, "metrics", "load_1", "--live"], {
      env: { ...process.env, WOPR_SOCKET: agent.socket },
    });
    let seen = "";
    live.stdout.on("data", (bytes) => {
      seen += bytes;
    });
    await until(() => seen.split("load_1").length > 3);
    live.kill("SIGINT");
    const [code] = await once(live, "close");
    expect(code).toBe(0);
  });

  it("shows what is wrong, what was, and what it is watched for", async () => {
    const shown = (await wopr(["alerts"])).out.toString();
    expect(shown).toMatch(/^(Nothing is wrong\.|SINCE +STATE)/);
    expect((await wopr(["alerts", "--history"])).code).toBe(0);
    const rules = (await wopr(["alerts", "--rules"])).out.toString();
    expect(rules).toMatch(/\ncpu-busy +warning +cpu_percent > 90 +10 min +The processor/);
    expect(JSON.parse((await wopr(["alerts", "--json"])).out.toString())).toMatchObject({ firing: expect.any(Array) });
  });

  it("prints a log", async () => {
    const { out } = await wopr(["logs", "app", "-n", "1"]);
    expect(out.toString()).toMatch(/^\d{4}-.* web hello from the app\n$/);
    expect((await wopr(["logs", "app", "--grep", "nothing like it"])).out.toString()).toBe("");
  });
});

describe("wopr exec", () => {
  it("has bytes go in and out as they are, the two outputs apart, and passes the exit code on", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) % 256));
    const copied = await wopr(["exec", "app", "web", "--", "cat"], bytes);
    expect(copied).toMatchObject({ code: 0, said: "" });
    expect(copied.out.equals(bytes)).toBe(true);
    expect(await wopr(["exec", "app", "--", "sh", "-c", "echo no >&2; exit 7"])).toMatchObject({
      code: 7,
      said: "no\n",
    });
  });

  it("gives a shell on a terminal its size and raw keys", async () => {
    const { out, code } = await onTerminal(["exec", "app"], "stty size; tty; exit 9\n");
    expect(out.toString()).toContain("33 101");
    expect(out.toString()).toMatch(/\/dev\/pts\/\d/);
    expect(code).toBe(9);
  });

  it("takes a flood for as long as somebody reads it", async () => {
    const flood = ["exec", "app", "--", "sh", "-c", "yes | head -c 3000000"];
    expect((await wopr(flood)).out.length).toBe(3_000_000);
  });
});
