// @module-tag docker
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Attach } from "#agent/docker/attach.ts";
import { createDocker, type Docker } from "#agent/docker.ts";
import { createExecSessions, type ExecOrder } from "#agent/exec-sessions.ts";
import { type AgentDatabase, openStore } from "#agent/store/database.ts";
import { type ExecSessionTable, execSessionTable } from "#agent/store/exec-sessions.ts";
import type { StandInMirror } from "#scripts/stand-ins.ts";
import { ExecRequest, type ExecWord } from "#shared/api/exec.ts";
import { recordOf } from "#shared/plans/changes.ts";
import { App, resolvedApp } from "#test/shared/app.ts";
import { containerSpec, unchecked } from "./docker/container-spec.ts";
import { removeScope, uniqueScope } from "./docker/engine.ts";
import { APP, CREATED_BY, keep, problemOf, pullMisbehaving, socketPath } from "./docker/with-docker.ts";
import { recordLog } from "./silent-log.ts";

let mirror: StandInMirror;
let scope: string;
let docker: Docker;
let store: AgentDatabase;
let table: ExecSessionTable;
let lines: ReturnType<typeof recordLog>["lines"];

beforeAll(async () => {
  mirror = await pullMisbehaving();
  scope = uniqueScope();
  docker = createDocker({ socketPath, scope });
  await docker.containers.create({
    spec: containerSpec({ entrypoint: ["sleep", "1000"], healthcheck: unchecked }),
    createdBy: CREATED_BY,
    fill: keep,
  });
  await docker.containers.start(APP);
});
afterAll(async () => {
  await removeScope(scope);
  await mirror.stop();
});

beforeEach(() => {
  store = openStore(":memory:");
  table = execSessionTable(store);
});
afterEach(() => store.close());

let time = 0;
function sessions(idleMs = 60_000, attach = docker.attach) {
  const recorded = recordLog();
  lines = recorded.lines;
  const resolved = { ...resolvedApp(App.parse({ db: {}, web: {} })), containers: [containerSpec()] };
  return createExecSessions({
    attach,
    endProgram: docker.endProgram,
    instances: () => [recordOf(resolved)],
    table,
    idleMs,
    now: () => ++time,
    log: recorded.log,
  });
}

let orders = 0;
const order = (request: object = {}): ExecOrder => ({
  id: `exec_${String(++orders).padStart(8, "0")}`,
  actor: "ada@example.org",
  request: ExecRequest.parse({ instance: "app", ...request }),
});

/** Runs to its end; `say` is given what to say things with. */
async function run(wanted: ExecOrder, { idleMs = 60_000, say = (_tell: (word: ExecWord) => unknown) => {} } = {}) {
  let output = "";
  let code: number | undefined;
  const talk = {
    signal: new AbortController().signal,
    onWord: (listener: (word: ExecWord) => unknown) => say(listener),
  };
  for await (const item of sessions(idleMs).open(wanted, talk)) {
    if (item.type === "output") output += Buffer.from(item.bytes, "base64").toString();
    if (item.type === "exit") code = item.code;
  }
  return { output, code };
}

const typed = (text: string): ExecWord => ({ type: "input", bytes: Buffer.from(text).toString("base64") });

describe("a session", () => {
  test("without a terminal reads its input to its end, in order", async () => {
    const outcome = await run(order({ command: ["sh", "-c", "cat; exit 4"], tty: false }), {
      say: (tell) => {
        for (const piece of ["one ", "two ", "three"]) tell(typed(piece));
        tell({ type: "eof" });
      },
    });
    expect(outcome).toEqual({ output: "one two three", code: 4 });
  });

  test("is written down with its end, and without arguments and what was typed", async () => {
    const wanted = order({ command: ["sh", "-c", "cat # hunter2"], tty: false });
    const say = (tell: (word: ExecWord) => unknown) => {
      tell(typed("hunter3"));
      tell({ type: "eof" });
    };
    await run(wanted, { say });
    expect(table.list(5)).toEqual([
      {
        ...{ id: wanted.id, actor: "ada@example.org", container: "app/web", program: "sh" },
        ...{ startedAt: expect.any(Number), endedAt: expect.any(Number), exitCode: 0 },
      },
    ]);
    expect(JSON.stringify(lines)).toContain("ada@example.org");
    expect(JSON.stringify([lines, store.prepare("select * from exec_session").all()])).not.toMatch(/hunter/);
  });

  test("is opened once under its id", async () => {
    const wanted = order({ command: ["true"] });
    await run(wanted);
    expect(await problemOf(run(wanted))).toMatchObject({ code: "command_replayed" });
    expect(table.list(5)).toHaveLength(1);
  });

  test("in which nothing happens for too long is ended, and says so", async () => {
    const problem = await problemOf(run(order({ command: ["sleep", "1000"] }), { idleMs: 300 }));
    expect(problem).toMatchObject({ code: "timed_out" });
    expect(table.list(1)[0]?.reason).toMatch(/nothing was typed/);
    expect(table.open()).toEqual([]);
  });

  test("of a program that does not read cannot fill the memory with what is typed", async () => {
    const say = (tell: (word: ExecWord) => unknown) => {
      for (let times = 0; times < 40; times++) tell(typed("x".repeat(48_000)));
    };
    expect(await problemOf(run(order({ command: ["sleep", "1000"], tty: false }), { say }))).toMatchObject({
      code: "too_large",
    });
  });

  test("is known by the engine's id before its program begins, so that who dies right after can end it", async () => {
    let known: ReturnType<ExecSessionTable["open"]> = [];
    const dying: Attach = (request) =>
      docker.attach({
        ...request,
        onReady: (ready) => {
          request.onReady?.(ready);
          known = table.open();
          throw new Error("dies here");
        },
      });
    const wanted = order({ command: ["touch", "/tmp/was-begun"], tty: false });
    const talk = { signal: new AbortController().signal, onWord: () => undefined };
    await expect(sessions(60_000, dying).open(wanted, talk).next()).rejects.toThrow("dies here");
    expect(known).toMatchObject([
      { id: wanted.id, program: "touch", engineId: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect((await run(order({ command: ["ls", "/tmp/was-begun"], tty: false }))).code).not.toBe(0);
    await docker.endProgram(known[0]?.engineId ?? "");
  });

  test("that cannot begin is written down as well", async () => {
    const missing = order({ command: ["/no/such/program"], tty: false });
    await run(missing).catch(() => undefined);
    expect(table.list(1)[0]).toMatchObject({ id: missing.id, endedAt: expect.any(Number) });
    expect(await problemOf(run(order({ service: "nope" })))).toMatchObject({
      code: "not_found",
      hint: "It has: web.",
    });
  });
});
