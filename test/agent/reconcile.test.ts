import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { caddyAdmin } from "#agent/caddy.ts";
import { caddyRoutes } from "#agent/caddy-routes.ts";
import { createDocker } from "#agent/docker.ts";
import { Interruption } from "#agent/interruption.ts";
import { createPostgres } from "#agent/postgres.ts";
import { createReconcile } from "#agent/reconcile.ts";
import { createRedis } from "#agent/redis.ts";
import { createSecrets } from "#agent/secrets.ts";
import type { World } from "#agent/steps/context.ts";
import { openStore } from "#agent/store/database.ts";
import { instanceRecords } from "#agent/store/instance-records.ts";
import { routeTable } from "#agent/store/routes.ts";
import type { BoundCommand } from "#shared/command.ts";
import type { Observed } from "#shared/observed.ts";
import { Problem } from "#shared/problem.ts";
import type { Progress } from "#shared/protocol/progress.ts";
import type { Step } from "#shared/steps.ts";
import { emptyWorld, observe as seenIn } from "#test/shared/world.ts";

const beacon = {
  domain: "ada.example.test",
  address: "127.0.0.1",
  httpPort: 80,
  httpsPort: 443,
  certificates: "internal",
  caddyDirectory: "/nonexistent",
} as const;

/** A real world in which secrets can be made, and Docker and Caddy are away. */
function newWorld() {
  const folder = mkdtempSync(join(tmpdir(), "wopr-reconcile-"));
  const db = openStore(":memory:");
  const docker = createDocker({ socketPath: join(folder, "no-docker.sock"), scope: "test" });
  const admin = caddyAdmin({ socketPath: join(folder, "no-caddy.sock") });
  const world: World = {
    docker,
    routes: caddyRoutes({ admin, table: routeTable(db), beacon }),
    postgres: createPostgres({ exec: docker.exec, container: { instance: "postgresql", service: "postgresql" } }),
    redis: createRedis({ exec: docker.exec, container: { instance: "redis", service: "redis" } }),
    secrets: createSecrets({
      db,
      keyFile: join(folder, "secret.key"),
      randomBytes: (size) => new Uint8Array(size).fill(7),
    }),
    records: instanceRecords(db),
  };
  const remove = () => rmSync(folder, { recursive: true });
  const observe = async (): Promise<Observed> => ({
    beacon,
    modules: {},
    instances: [],
    containers: [],
    networks: [],
    volumes: [],
    images: [],
    secrets: world.secrets.names(),
    databases: null,
    redisUsers: null,
    routes: null,
    ...(({ foreign, machine, entitlements }) => ({ foreign, machine, entitlements }))(seenIn(emptyWorld({}))),
    ports: [],
    memory: { totalBytes: 0, availableBytes: 0 },
    disk: { totalBytes: 0, freeBytes: 0 },
  });
  return { world, observe, remove };
}

const make = (secret: string): Step => ({ kind: "secret.create", instance: "hello", secret, bytes: 8 });
const hopeless: Step = { kind: "volume.create", volume: "hello/data" };
const seenSecrets = (seen: Observed) => seen.secrets.hello ?? [];

const command = (plans: Partial<Pick<BoundCommand, "plan" | "undo">>): BoundCommand => ({
  name: "test.command",
  title: "A test",
  input: {},
  lane: "hello",
  plan: () => [],
  undo: () => [],
  ...plans,
});

interface Run {
  readonly resumed?: boolean;
  readonly cancel?: AbortSignal;
  readonly stop?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

async function reconcile(given: BoundCommand, run: Run = {}) {
  const { world, observe, remove } = newWorld();
  const progress: Progress[] = [];
  let steps = 0;
  let looks = 0;
  const counting = () => {
    looks += 1;
    return observe();
  };
  const signal = new AbortController().signal;
  const work = createReconcile({ observe: counting, world, now: () => 42, patienceMs: 200 });
  const error: unknown = await work({
    id: "cmd_00000000-test",
    command: given,
    resumed: false,
    cancel: signal,
    stop: signal,
    ...run,
    onProgress: (news) => {
      progress.push(news);
      run.onProgress?.(news);
    },
    onStep: () => {
      steps += 1;
    },
  }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const secrets = world.secrets.names();
  remove();
  return { error, progress, steps, looks, secrets };
}

describe("forward", () => {
  test("looks, carries the plan out, and looks again until nothing is planned", async () => {
    const plan = (seen: Observed) => ["a", "b"].filter((name) => !seenSecrets(seen).includes(name)).map(make);
    const { error, progress, steps, looks, secrets } = await reconcile(command({ plan }));
    expect(error).toBeUndefined();
    expect([steps, looks]).toEqual([2, 2]);
    expect(secrets).toEqual({ hello: ["a", "b"] });
    expect(progress).toEqual([
      { command: "cmd_00000000-test", at: 42, step: 1, steps: 2, title: "Make secret a of hello" },
      { command: "cmd_00000000-test", at: 42, step: 2, steps: 2, title: "Make secret b of hello" },
    ]);
  });

  test("a plan that comes again and again is not_converging, and names its steps", async () => {
    const { error, steps } = await reconcile(command({ plan: () => [make("a")] }));
    expect(error).toMatchObject({ code: "not_converging", details: { steps: ["Make secret a of hello"] } });
    expect(steps).toBe(3);
  });

  test("a plan that gets shorter slowly is given its time", async () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    let round = 0;
    const plan = () => names.slice(round++).map(make);
    expect((await reconcile(command({ plan }))).error).toBeUndefined();
  });

  test("what swings to and fro is found too", async () => {
    let round = 0;
    const plan = () => (round++ % 2 === 0 ? [make("a"), make("b")] : [make("c"), make("d")]);
    expect((await reconcile(command({ plan }))).error).toMatchObject({ code: "not_converging" });
  });

  test("a command that is refused touches nothing and takes nothing back", async () => {
    const plan = () => {
      throw new Problem("port_taken", "port 80 is taken");
    };
    const { error, steps } = await reconcile(command({ plan, undo: () => [make("undone")] }));
    expect(error).toMatchObject({ code: "port_taken" });
    expect(steps).toBe(0);
  });
});

describe("back", () => {
  const plan = () => [make("a"), hopeless];
  const undo = (seen: Observed): Step[] =>
    seenSecrets(seen).length > 0 ? [{ kind: "secrets.remove", instance: "hello" }] : [];

  test("what was done is taken back, and the first failure is what is told", async () => {
    const { error, progress, secrets } = await reconcile(command({ plan, undo }));
    expect(error).toMatchObject({ code: "docker_unavailable" });
    expect(secrets).toEqual({});
    expect(progress.at(-1)?.title).toBe("Take back: Delete the secrets of hello");
    expect(progress.some(({ detail }) => detail?.includes("trying again"))).toBe(true);
  });

  test("when that fails too, both are told", async () => {
    const { error } = await reconcile(command({ plan, undo: () => [{ kind: "volume.remove", volume: "hello/data" }] }));
    expect(error).toMatchObject({ code: "docker_unavailable", details: { undo: { code: "docker_unavailable" } } });
  });

  test("a command that goes on after a restart takes back what its first run may have done", async () => {
    const refuse = () => {
      throw new Problem("port_taken", "port 80 is taken");
    };
    let undone = 0;
    const count = () => {
      undone += 1;
      return [];
    };
    await reconcile(command({ plan: refuse, undo: count }), { resumed: true });
    expect(undone).toBe(1);
  });
});

describe("signals", () => {
  test("a cancellation comes between steps, and takes back", async () => {
    const controller = new AbortController();
    const plan = () => [make("a"), make("b"), make("c")];
    const undo = (seen: Observed): Step[] =>
      seenSecrets(seen).length > 0 ? [{ kind: "secrets.remove", instance: "hello" }] : [];
    const { error, steps, secrets } = await reconcile(command({ plan, undo }), {
      cancel: controller.signal,
      onProgress: ({ step }) => {
        if (step === 2) controller.abort(new Problem("cancelled", "enough"));
      },
    });
    expect(error).toMatchObject({ code: "cancelled" });
    expect(steps).toBe(2);
    expect(secrets).toEqual({});
  });

  test("a cancellation does not wait for what is away", async () => {
    const controller = new AbortController();
    const { error } = await reconcile(command({ plan: () => [hopeless] }), {
      cancel: controller.signal,
      onProgress: ({ detail }) => {
        if (detail !== undefined) controller.abort(new Problem("cancelled", "enough"));
      },
    });
    expect(error).toMatchObject({ code: "cancelled" });
  });

  test("an interruption takes nothing back", async () => {
    const controller = new AbortController();
    const undo = (): Step[] => [{ kind: "secrets.remove", instance: "hello" }];
    const { error, secrets } = await reconcile(command({ plan: () => [make("a"), hopeless], undo }), {
      stop: controller.signal,
      onProgress: ({ step }) => {
        if (step === 2) controller.abort(new Interruption("the agent ends"));
      },
    });
    expect(error).toBeInstanceOf(Interruption);
    expect(secrets).toEqual({ hello: ["a"] });
  });
});
