// @module-tag docker
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDocker, type Docker } from "#agent/docker.ts";
import type { StandInMirror } from "#scripts/stand-ins.ts";
import { containerSpec, unchecked } from "./container-spec.ts";
import { docker as cli, namesOf, removeScope, uniqueScope, until } from "./engine.ts";
import { APP, CREATED_BY, keep, problemOf, pullMisbehaving, socketPath } from "./with-docker.ts";

let mirror: StandInMirror;
let scope: string;
let docker: Docker;

beforeAll(async () => {
  mirror = await pullMisbehaving();
});
afterAll(() => mirror.stop());

beforeEach(async () => {
  scope = uniqueScope();
  docker = createDocker({ socketPath, scope });
  const spec = containerSpec({ entrypoint: ["sleep", "1000"], healthcheck: unchecked });
  await docker.containers.create({ spec, createdBy: CREATED_BY, fill: keep });
  await docker.containers.start(APP);
});
afterEach(() => removeScope(scope));

const size = { columns: 100, rows: 30 };

/** Reads until the text has come, and gives all that came before it too. */
async function readTo(output: AsyncIterable<{ bytes: Buffer }>, wanted: string): Promise<string> {
  let text = "";
  const chunks = output[Symbol.asyncIterator]();
  while (!text.includes(wanted)) {
    const { value, done } = await chunks.next();
    if (done) throw new Error(`it ended after: ${text}`);
    text += value.bytes.toString();
  }
  return text;
}

async function readAll(output: AsyncIterable<{ stream: string; bytes: Buffer }>) {
  const text = { stdout: "", stderr: "" };
  for await (const { stream, bytes } of output) text[stream === "stderr" ? "stderr" : "stdout"] += bytes.toString();
  return text;
}

/** Command lines of what runs in the container, without its first process. */
const processes = async () =>
  (await cli("top", namesOf(scope).container(APP), "-eo", "pid,args"))
    .split("\n")
    .slice(1)
    .filter((line) => !line.includes("sleep 1000"));

describe("a program with a terminal", () => {
  test("is the container's shell, knows its size, is told a new one, and passes its exit code on", async () => {
    const shell = await docker.attach({ ...APP, terminal: size });
    expect(shell.program).toMatch(/bash$/);
    await shell.write(Buffer.from("stty size; echo $TERM\n"));
    expect(await readTo(shell.output, "xterm-256color\r\n")).toContain("30 100");
    const more = await docker.attach({ ...APP, argv: ["sh"], terminal: size });
    await more.resize({ columns: 20, rows: 10 });
    await more.write(Buffer.from("stty size; exit 7\n"));
    expect((await readAll(more.output)).stdout).toContain("10 20");
    expect(await more.exitCode()).toBe(7);
    await shell.end();
  });

  test("is ended with all that it has started, also what does not listen to a hang-up", async () => {
    const shell = await docker.attach({ ...APP, argv: ["bash"], terminal: size });
    await shell.write(Buffer.from("(trap '' HUP; sleep 333 & sleep 334) & sleep 335\n"));
    await until(async () => (await processes()).filter((line) => /sleep 33[345]/.test(line)).length === 3);
    await shell.end();
    expect(await processes()).toEqual([]);
    // What was there before goes on.
    expect(await cli("top", namesOf(scope).container(APP), "-eo", "pid,args")).toContain("sleep 1000");
  });

  test("is ended by its id alone, once and again", async () => {
    const { id } = await docker.attach({ ...APP, argv: ["sleep", "444"], terminal: size });
    await until(async () => (await processes()).length === 1);
    await docker.endProgram(id);
    expect(await processes()).toEqual([]);
    await docker.endProgram(id);
    await docker.endProgram("0".repeat(64));
  });
});

describe("a program without a terminal", () => {
  test("has two outputs, bytes as they are, and an input that ends", async () => {
    const { output, ...program } = await docker.attach({ ...APP, argv: ["sh", "-c", "wc -c; echo no >&2; exit 3"] });
    await program.write(Buffer.alloc(300_000, 0xff));
    program.endInput();
    expect(await readAll(output)).toEqual({ stdout: "300000\n", stderr: "no\n" });
    expect(await program.exitCode()).toBe(3);
  });

  test("that floods is read no faster than somebody reads it", async () => {
    const program = await docker.attach({ ...APP, argv: ["yes", "x".repeat(1000)] });
    const chunks = program.output[Symbol.asyncIterator]();
    await chunks.next();
    // The memory of this process, while the program would give gigabytes a second.
    const before = process.memoryUsage().arrayBuffers;
    await until(async () => {
      const pid = Number((await processes())[0]?.trim().split(" ")[0]);
      return /State:\tS/.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
    await program.end();
  });
});

describe("what cannot be run", () => {
  test("says why", async () => {
    expect(await problemOf(docker.attach({ instance: "app", service: "db" }))).toMatchObject({ code: "not_found" });
    const missing = await docker.attach({ ...APP, argv: ["no-such-program"], terminal: size }).then(
      async (program) => ({ said: (await readAll(program.output)).stdout, code: await program.exitCode() }),
      (problem: unknown) => problem,
    );
    expect(JSON.stringify(missing)).toContain("no-such-program");
    await docker.containers.stop({ ...APP, replica: 1, generation: "" });
    await cli("stop", "--time", "0", namesOf(scope).container(APP));
    expect(await problemOf(docker.attach({ ...APP }))).toMatchObject({ code: "conflict", hint: "Start it first." });
  });
});
