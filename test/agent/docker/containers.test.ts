// @module-tag docker
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDocker, type Docker } from "#agent/docker.ts";
import type { StandInMirror } from "#scripts/stand-ins.ts";
import { secretMark } from "#shared/container-spec.ts";
import { generationOf, settingsOf } from "#shared/generation.ts";
import { containerSpec, MISBEHAVING } from "./container-spec.ts";
import { docker as cli, leftIn, removeScope, uniqueScope, until } from "./engine.ts";
import { APP, CREATED_BY, idle, inspect, keep, problemOf, pullMisbehaving, socketPath } from "./with-docker.ts";

const PASSWORD = secretMark("pw");

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

describe("containers", () => {
  test("every field of a spec reaches the engine", async () => {
    await docker.networks.create({ network: "edge", internal: false, createdBy: CREATED_BY });
    await docker.networks.create({ network: "app/inner", internal: true, createdBy: CREATED_BY });
    await docker.volumes.create({ volume: "app/data", createdBy: CREATED_BY });
    const spec = containerSpec({
      entrypoint: ["sleep"],
      command: ["1000"],
      environment: { PASSWORD: PASSWORD, PLAIN: "$literal" },
      user: "1000:1000",
      workingDirectory: "/srv",
      hostname: "host",
      mounts: [
        { type: "volume", volume: "app/data", target: "/data", readOnly: false },
        { type: "bind", source: "/usr/share", target: "/share", readOnly: true },
        { type: "tmpfs", target: "/scratch", sizeBytes: 1048576 },
      ],
      files: [{ target: "/etc/app.conf", content: `password=${PASSWORD}\n`, mode: 0o600 }],
      networks: { "app/inner": ["web"], edge: ["web.app"] },
      ports: [{ container: 80, host: 0, address: "127.0.0.1", protocol: "tcp" }],
      healthcheck: { test: ["CMD", "true"], intervalMs: 1500, timeoutMs: 1000, retries: 2, startPeriodMs: 500 },
      restart: "always",
      memoryBytes: 64 * 2 ** 20,
      cpus: 0.5,
      shmBytes: 2 ** 20,
      capAdd: ["NET_ADMIN"],
      capDrop: ["CHOWN"],
      init: true,
      stopGraceMs: 1500,
      stopSignal: "SIGINT",
      extraHosts: ["other:10.0.0.1"],
      labels: { own: "label" },
    });
    await create(spec, (text) => text.replaceAll(PASSWORD, "s3cret"));

    const seen = await inspect(`${scope}_app_web`);
    expect(seen.Config).toMatchObject({
      Hostname: "host",
      User: "1000:1000",
      WorkingDir: "/srv",
      Cmd: ["1000"],
      Entrypoint: ["sleep"],
      StopSignal: "SIGINT",
      StopTimeout: 2,
      Healthcheck: { Test: ["CMD", "true"], Interval: 1.5e9, Timeout: 1e9, Retries: 2, StartPeriod: 5e8 },
      Labels: {
        own: "label",
        "wopr.scope": scope,
        "wopr.instance": "app",
        "wopr.service": "web",
        "wopr.replica": "1",
        "wopr.generation": generationOf(spec),
        "wopr.settings": settingsOf(spec),
        "wopr.created-by": CREATED_BY,
      },
    });
    expect(seen.Config.Env).toEqual(expect.arrayContaining(["PASSWORD=s3cret", "PLAIN=$literal"]));
    expect(seen.HostConfig).toMatchObject({
      RestartPolicy: { Name: "unless-stopped" },
      Memory: 64 * 2 ** 20,
      NanoCpus: 5e8,
      ShmSize: 2 ** 20,
      CapAdd: ["NET_ADMIN"],
      CapDrop: ["CHOWN"],
      Init: true,
      ExtraHosts: ["other:10.0.0.1"],
      Tmpfs: { "/scratch": "size=1048576" },
      PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
    });
    expect(seen.Mounts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Name: `${scope}_app_data`, Destination: "/data", RW: true }),
        expect.objectContaining({ Source: "/usr/share", Destination: "/share", RW: false }),
      ]),
    );
    expect(seen.NetworkSettings.Networks[`${scope}_edge`].Aliases).toContain("web.app");
    expect(seen.NetworkSettings.Networks[`${scope}_app_inner`].Aliases).toContain("web");
    expect(await cli("cp", `${scope}_app_web:/etc/app.conf`, "-")).toContain("password=s3cret\n");
    expect((await inspect(`${scope}_app_inner`)).Internal).toBe(true);
  });

  test("each call may come twice", async () => {
    const spec = containerSpec({ stopGraceMs: 1000 });
    await create(spec);
    const { Id } = await inspect(`${scope}_app_web`);
    await create(spec);
    await docker.containers.start(APP);
    await docker.containers.start(APP);
    expect((await docker.containers.find(APP))?.state).toBe("running");
    await docker.containers.stop(APP);
    await docker.containers.stop(APP);
    expect(await docker.containers.find(APP)).toMatchObject({ id: Id, state: "exited" });
    await docker.containers.remove(APP);
    await docker.containers.remove(APP);
    expect(await docker.containers.list()).toEqual([]);
    await docker.containers.stop(APP);
  });

  test("one that was never finished counts as another spec, and is replaced", async () => {
    const spec = containerSpec();
    await create(spec);
    await cli("rename", `${scope}_app_web`, `${scope}_app_web.unfinished`);
    const [seen] = await docker.containers.list();
    expect(seen).toMatchObject(APP);
    expect(seen?.generation).not.toBe(generationOf(spec));
    expect((await problemOf(docker.containers.start(APP))).code).toBe("not_found");
    await create(spec);
    expect((await docker.containers.list()).map(({ generation }) => generation)).toEqual([generationOf(spec)]);
    await docker.containers.start(APP);
  });

  test("what cannot be finished does not stay as if it were", async () => {
    const spec = containerSpec({ files: [{ target: `/${"too-long".repeat(20)}`, content: "", mode: 0o644 }] });
    expect((await problemOf(create(spec))).code).toBe("compose_invalid");
    expect((await docker.containers.find(APP))?.generation).not.toBe(generationOf(spec));
    expect((await problemOf(docker.containers.start(APP))).code).toBe("not_found");
    await docker.containers.remove(APP);
    expect((await leftIn(scope)).containers).toEqual([]);
  });

  test("a container that ignores SIGTERM is killed after its grace period", async () => {
    await create(containerSpec({ command: ["ignore-sigterm"], stopGraceMs: 1000 }));
    await docker.containers.start(APP);
    await docker.containers.stop(APP);
    expect((await inspect(`${scope}_app_web`)).State).toMatchObject({ Status: "exited", ExitCode: 137 });
  });

  test("a host port that is taken is port_taken", async () => {
    const port = { container: 8080, host: 0, address: "127.0.0.1", protocol: "tcp" } as const;
    await docker.networks.create({ network: "edge", internal: false, createdBy: CREATED_BY });
    await create(containerSpec({ networks: { edge: [] }, ports: [port] }));
    await docker.containers.start(APP);
    const listed = await until(async () => (await docker.containers.find(APP))?.ports[0]);
    const second = { networks: { edge: [] }, ports: [{ ...port, host: listed.port }] };
    await create(containerSpec({ service: "other", ...second }));
    const problem = await problemOf(docker.containers.start({ instance: "app", service: "other" }));
    expect(problem.code).toBe("port_taken");
  });
});

describe("what is not ours", () => {
  test("is neither seen nor touched, however alike its name", async () => {
    const name = `${scope}_app_web`;
    const foreign = [
      ["label", "wopr.scope=another"],
      ["label", `own=${scope}`],
    ].flatMap(([key, value]) => [`--${key}`, `${value}`]);
    try {
      await cli("create", "--name", name, ...foreign, MISBEHAVING);
      await cli("volume", "create", ...foreign, `${scope}_app_data`);
      await cli("network", "create", ...foreign, `${scope}_edge`);

      expect(await docker.containers.list()).toEqual([]);
      expect(await docker.volumes.list()).toEqual([]);
      expect(await docker.networks.list()).toEqual([]);
      expect(await docker.containers.survey()).toEqual({ ours: [], foreign: ["app_web"] });
      expect(await docker.volumes.survey()).toEqual({ ours: [], foreign: ["app_data"] });
      expect(await docker.networks.survey()).toEqual({ ours: [], foreign: ["edge"] });
      const refusals = await Promise.all([
        problemOf(create(containerSpec())),
        problemOf(docker.volumes.create({ volume: "app/data", createdBy: CREATED_BY })),
        problemOf(docker.volumes.remove("app/data")),
        problemOf(docker.networks.create({ network: "edge", internal: false, createdBy: CREATED_BY })),
        problemOf(docker.networks.remove("edge")),
      ]);
      expect(refusals.map(({ code }) => code)).toEqual(Array(5).fill("conflict"));
      await docker.containers.remove(APP);
      await docker.containers.stop(APP);
      expect((await inspect(name)).State.Status).toBe("created");
    } finally {
      await cli("rm", "--force", name).catch(() => undefined);
      await cli("volume", "rm", `${scope}_app_data`).catch(() => undefined);
      await cli("network", "rm", `${scope}_edge`).catch(() => undefined);
    }
  });
});

describe("networks and volumes", () => {
  test("carry their logical names and the command that made them", async () => {
    await docker.networks.create({ network: "app/inner", internal: false, createdBy: CREATED_BY });
    await docker.volumes.create({ volume: "app/data", createdBy: CREATED_BY });
    await docker.volumes.create({ volume: "app/data", createdBy: "cmd_another-one" });
    expect(await docker.networks.list()).toEqual(["app/inner"]);
    expect(await docker.volumes.list()).toEqual([{ volume: "app/data", createdBy: CREATED_BY }]);
  });

  test("a network asked for twice at once is there once", async () => {
    const wanted = { network: "edge", internal: false, createdBy: CREATED_BY };
    await Promise.all([docker.networks.create(wanted), docker.networks.create(wanted)]);
    expect((await leftIn(scope)).networks).toEqual([`${scope}_edge`]);
    await docker.networks.remove("edge");
    await docker.networks.remove("edge");
    expect(await docker.networks.list()).toEqual([]);
  });
});

test("the engine says what it can do", async () => {
  const facts = await docker.facts();
  expect(facts.architecture).toMatch(/^(amd64|arm64)$/);
  expect(facts.cpus).toBeGreaterThan(0);
  expect(facts.limits).toContain("memory");
  expect(facts.runtimes).toContain("runc");
  expect(facts.logDrivers).toContain("json-file");
});

describe("an engine that is away", () => {
  test("is docker_unavailable for every call", async () => {
    const away = createDocker({ socketPath: "/nonexistent/docker.sock", scope });
    const signal = new AbortController().signal;
    const problems = await Promise.all(
      [
        away.version(),
        away.containers.list(),
        away.facts(),
        away.networks.list(),
        away.volumes.list(),
        away.images.list(),
        away.images.pull("redis", idle),
        away.running(),
        away.exec({ ...APP, argv: ["true"], stdin: "", timeoutMs: 1000 }),
        Array.fromAsync(away.logs({ ...APP, tail: 1, follow: false }, signal)),
        away.waitHealthy(APP, idle),
        away.containers.create({ spec: containerSpec(), createdBy: CREATED_BY, fill: keep }),
      ].map(problemOf),
    );
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(["docker_unavailable"]));
    expect(problems[0]?.hint).toContain("systemctl status docker");
  });
});
