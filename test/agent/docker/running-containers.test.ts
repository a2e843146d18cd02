// @module-tag docker
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { createDocker, type Docker } from "#agent/docker.ts";
import type { StandInMirror } from "#scripts/stand-ins.ts";
import { Problem } from "#shared/problem.ts";
import { containerSpec } from "./container-spec.ts";
import { docker as cli, removeScope, uniqueScope, until } from "./engine.ts";
import { APP, CREATED_BY, idle, inspect, keep, problemOf, pullMisbehaving, socketPath } from "./with-docker.ts";

let mirror: StandInMirror;
let scope: string;
let docker: Docker;

beforeAll(async () => {
  mirror = await pullMisbehaving();
});
afterAll(() => mirror.stop());

beforeEach(() => {
  scope = uniqueScope();
  docker = createDocker({ socketPath, scope });
});
afterEach(() => removeScope(scope));

const create = (spec: ReturnType<typeof containerSpec>, fill = keep) =>
  docker.containers.create({ spec, createdBy: CREATED_BY, fill });

describe("waitHealthy", () => {
  const start = async (spec: ReturnType<typeof containerSpec>) => {
    await create(spec);
    await docker.containers.start(APP);
  };

  test("resolves when the health check passes", async () => {
    const test = ["CMD-SHELL", "test -e /tmp/asked || { touch /tmp/asked; echo still starting; exit 1; }"];
    await start(
      containerSpec({ healthcheck: { test, intervalMs: 600, timeoutMs: 1000, retries: 3, startPeriodMs: 0 } }),
    );
    const said: string[] = [];
    await docker.waitHealthy(APP, { ...idle, report: (detail) => said.push(detail) });
    expect((await docker.containers.find(APP))?.health).toBe("healthy");
    expect(said.join("\n")).toContain("still starting");
  });

  describe("before the engine's own first check", () => {
    const checkedBy = (script: string) => ({
      healthcheck: {
        test: ["CMD-SHELL", script],
        intervalMs: 600_000,
        timeoutMs: 1000,
        retries: 1,
        startPeriodMs: 0,
      },
    });
    const inContainer = (file: string) => cli("exec", `${scope}_app_web`, "sh", "-c", `cat ${file} || true`);

    test("the same check is run again and again, as whom and where the container runs", async () => {
      const script =
        'echo "$NAME $(id -u) $PWD" >> /tmp/checks; test "$(wc -l < /tmp/checks)" -ge 3 || { echo not yet; exit 1; }';
      const spec = { ...checkedBy(script), environment: { NAME: "ada" }, user: "1000", workingDirectory: "/srv" };
      await start(containerSpec(spec));
      const said: string[] = [];
      await docker.waitHealthy(APP, { ...idle, report: (detail) => said.push(detail) });
      expect(await inContainer("/tmp/checks")).toBe("ada 1000 /srv\nada 1000 /srv\nada 1000 /srv");
      expect(said.filter((detail) => detail === "not healthy yet: not yet")).toHaveLength(2);
    });

    test("what passed it counts as healthy for as long as this run goes on", async () => {
      await start(containerSpec(checkedBy("true")));
      const health = async () => (await docker.containers.list()).map((container) => container.health);
      expect(await health()).toEqual(["starting"]);
      await docker.waitHealthy(APP, idle);
      expect((await inspect(`${scope}_app_web`)).State.Health.Status).toBe("starting");
      expect(await health()).toEqual(["healthy"]);
      await cli("restart", "--time", "0", `${scope}_app_web`);
      expect(await health()).toEqual(["starting"]);
    });

    test("failures of it count for nothing, and they stay few", async () => {
      const check = { intervalMs: 2000, timeoutMs: 1000, retries: 2, startPeriodMs: 0 };
      const test = ["CMD-SHELL", "echo check >> /tmp/checks; exit 1"];
      await start(containerSpec({ healthcheck: { test, ...check } }));
      const problem = await problemOf(docker.waitHealthy(APP, idle));
      expect(problem).toMatchObject({ code: "container_unhealthy" });
      const { FailingStreak, Log } = (await inspect(`${scope}_app_web`)).State.Health;
      expect([FailingStreak, Log.length]).toEqual([2, 2]);
      const checks = (await inContainer("/tmp/checks")).split("\n").length - Log.length;
      expect(checks).toBeGreaterThan(5);
      expect(checks).toBeLessThan(25);
    });

    test("one that does not end in its time is not run again", async () => {
      // Where the time is over before the engine has begun the check, Docker 20.10 waits for its end and answers nothing else.
      const check = { intervalMs: 3000, timeoutMs: 1500, retries: 1, startPeriodMs: 0 };
      const test = ["CMD-SHELL", "echo check >> /tmp/checks; sleep 30"];
      await start(containerSpec({ healthcheck: { test, ...check } }));
      expect(await problemOf(docker.waitHealthy(APP, idle))).toMatchObject({ code: "container_unhealthy" });
      expect(await inContainer("/tmp/checks")).toBe("check\ncheck");
    });
  });

  test("without a health check, running for a moment is enough", async () => {
    await start(containerSpec({ healthcheck: disabled }));
    await docker.waitHealthy(APP, idle);
    expect(await docker.containers.find(APP)).toMatchObject({ state: "running", health: "none" });
  });

  test("an exit has its code and its last words", async () => {
    await start(containerSpec({ command: ["exit", "3"] }));
    const problem = await problemOf(docker.waitHealthy(APP, idle));
    expect(problem).toMatchObject({ code: "container_exited", details: { container: "app/web", exitCode: 3 } });
    // Each stream is in its own order.
    expect(z.array(z.string()).parse(problem.details?.log).toSorted()).toEqual([
      "giving up with code 3",
      "reading the configuration",
      "the configuration names a database that does not exist",
    ]);
  });

  test("a container that Docker starts again and again is given up", async () => {
    await start(containerSpec({ command: ["exit", "4"], restart: "unless-stopped" }));
    expect(await problemOf(docker.waitHealthy(APP, idle))).toMatchObject({
      code: "container_exited",
      details: { exitCode: 4 },
    });
  });

  test("a failing health check has its output, with secrets taken out", async () => {
    const check = { intervalMs: 300, timeoutMs: 1000, retries: 2, startPeriodMs: 0 };
    await start(
      containerSpec({
        entrypoint: ["sh", "-c", "echo log s3cret; exec sleep 1000"],
        healthcheck: { test: ["CMD-SHELL", "echo sick s3cret; exit 1"], ...check },
      }),
    );
    const redact = (text: string) => text.replaceAll("s3cret", "[secret]");
    const problem = await problemOf(docker.waitHealthy(APP, { ...idle, redact }));
    expect(problem).toMatchObject({
      code: "container_unhealthy",
      details: { check: "sick [secret]", log: ["log [secret]"] },
    });
  });

  test("a container of which nothing is heard any more is timed_out, with its last words", async () => {
    const check = { intervalMs: 600_000, timeoutMs: 1000, retries: 1, startPeriodMs: 0 };
    const healthcheck = { test: ["CMD", "false"], ...check };
    await start(containerSpec({ entrypoint: ["sh", "-c", "echo stuck; exec sleep 1000"], healthcheck }));
    const impatient = createDocker({ socketPath, scope, startSilenceMs: -600_000 });
    const problem = await problemOf(impatient.waitHealthy(APP, idle));
    expect(problem).toMatchObject({ code: "timed_out", details: { state: "running", log: ["stuck"] } });
  });

  test("ends with its signal", async () => {
    await start(
      containerSpec({
        command: ["never-healthy"],
        healthcheck: { test: ["CMD", "false"], intervalMs: 60_000, timeoutMs: 1000, retries: 3, startPeriodMs: 0 },
      }),
    );
    const controller = new AbortController();
    const waiting = docker.waitHealthy(APP, {
      ...idle,
      signal: controller.signal,
      report: () => controller.abort(new Problem("cancelled", "enough")),
    });
    expect((await problemOf(waiting)).code).toBe("cancelled");
  });
});

const disabled = { test: ["NONE"], intervalMs: 0, timeoutMs: 0, retries: 0, startPeriodMs: 0 };

describe("exec", () => {
  test("runs a program with standard input and gives all that it said", async () => {
    await create(containerSpec({ entrypoint: ["sleep"], command: ["1000"] }));
    await docker.containers.start(APP);
    const argv = ["sh", "-c", "cat; echo bad $NAME >&2; exit 7"];
    const result = await docker.exec({ ...APP, argv, stdin: "in\n", environment: { NAME: "luck" }, timeoutMs: 10_000 });
    expect(result).toEqual({ exitCode: 7, stdout: "in\n", stderr: "bad luck\n" });
    const large = "x".repeat(3_000_000);
    expect((await docker.exec({ ...APP, argv: ["cat"], stdin: large, timeoutMs: 30_000 })).stdout).toBe(large);
  });

  test("does not wait for ever, nor for a container that does not run", async () => {
    await create(containerSpec({ entrypoint: ["sleep"], command: ["1000"] }));
    const run = (argv: string[]) => docker.exec({ ...APP, argv, stdin: "", timeoutMs: 300 });
    expect((await problemOf(run(["true"]))).code).toBe("conflict");
    await docker.containers.start(APP);
    expect((await problemOf(run(["sleep", "1000"]))).code).toBe("timed_out");
  });
});

describe("logs", () => {
  const script = "echo one; echo two >&2; echo three";

  test("gives the last lines of each service with their time and stream", async () => {
    for (const service of ["web", "worker"]) {
      await create(containerSpec({ service, entrypoint: ["sh", "-c", script] }));
      await docker.containers.start({ instance: "app", service });
      await until(
        async () => (await docker.containers.find({ instance: "app", service }))?.state === "exited" || undefined,
      );
    }
    const signal = new AbortController().signal;
    const all = await Array.fromAsync(docker.logs({ instance: "app", tail: 2, follow: false }, signal));
    expect(all).toHaveLength(4);
    const web = await Array.fromAsync(docker.logs({ ...APP, tail: 100, follow: false }, signal));
    expect(web.map(({ service, stream, text }) => `${service} ${stream} ${text}`).toSorted()).toEqual([
      "web stderr two",
      "web stdout one",
      "web stdout three",
    ]);
    for (const { at } of web) expect(Math.abs((at ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("follows until its signal", async () => {
    await create(
      containerSpec({ entrypoint: ["sh", "-c", "i=0; while true; do i=$((i+1)); echo $i; sleep 0.05; done"] }),
    );
    await docker.containers.start(APP);
    const controller = new AbortController();
    const texts: string[] = [];
    for await (const { text } of docker.logs({ ...APP, tail: 0, follow: true }, controller.signal)) {
      texts.push(text);
      if (texts.length === 5) controller.abort();
    }
    expect(texts.length).toBeGreaterThanOrEqual(5);
  });

  test("gives the lines of a span of time, and of those the ones that contain a text", async () => {
    const slow = "for n in one two three Four; do echo $n; sleep 0.3; done";
    await create(containerSpec({ entrypoint: ["sh", "-c", slow] }));
    await docker.containers.start(APP);
    await until(async () => (await docker.containers.find(APP))?.state === "exited" || undefined);
    const signal = new AbortController().signal;
    const lines = async (options: { since?: number; until?: number; match?: string; tail?: number }) =>
      await Array.fromAsync(docker.logs({ ...APP, tail: 100, follow: false, ...options }, signal));
    const [, two, three] = await lines({});
    const middle = await lines({ since: (two?.at ?? 0) - 100, until: (three?.at ?? 0) + 100 });
    expect(middle.map(({ text }) => text)).toEqual(["two", "three"]);
    expect((await lines({ match: "O" })).map(({ text }) => text)).toEqual(["one", "two", "Four"]);
    expect((await lines({ match: "o", tail: 1 })).map(({ text }) => text)).toEqual(["Four"]);
    expect(await lines({ match: "^f.*$" })).toEqual([]);
  });

  test("an instance without containers has none", async () => {
    const signal = new AbortController().signal;
    expect(await Array.fromAsync(docker.logs({ instance: "none", tail: 5, follow: true }, signal))).toEqual([]);
  });
});

describe("running", () => {
  test("gives the process of each container, also after it was started again", async () => {
    await create(containerSpec({ entrypoint: ["sleep"], command: ["1000"], stopGraceMs: 0 }));
    expect(await docker.running()).toEqual([]);
    await docker.containers.start(APP);
    const [first] = await docker.running();
    expect(first).toMatchObject({ ...APP, replica: 1, pid: (await inspect(`${scope}_app_web`)).State.Pid });
    expect(await docker.running()).toEqual([first]);
    await cli("restart", "--time", "0", `${scope}_app_web`);
    const [second] = await docker.running();
    expect(second).toMatchObject({ id: first?.id, pid: (await inspect(`${scope}_app_web`)).State.Pid });
    expect(second?.pid).not.toBe(first?.pid);
  });

  test("counts how often the engine had to start one anew", async () => {
    await create(containerSpec({ entrypoint: ["sleep"], command: ["1000"], restart: "always", stopGraceMs: 0 }));
    await docker.containers.start(APP);
    const [first] = await docker.running();
    expect(first?.restarts).toBe(0);
    process.kill(first?.pid ?? Number.NaN, "SIGKILL");
    await vi.waitFor(
      async () => expect(await docker.running()).toMatchObject([{ id: first?.id, restarts: 1 }]),
      10_000,
    );
  });
});
