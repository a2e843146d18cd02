// @module-tag docker
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { ComposeProject } from "#shared/compose/project.ts";
import type { ComposeService } from "#shared/compose/service.ts";
import { parseDurationMs } from "#shared/compose/units.ts";
import { docker, leftIn, removeScope, uniqueScope, until } from "#test/agent/docker/engine.ts";
import { changesIn, type Outcome } from "./wopr.ts";

const folder = "test/compose/projects";
const projects = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? entry.name : [],
);
const main = join(import.meta.dirname, "../../cli/main.ts");

let mirror: StandInMirror;
beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving", "redis"] });
}, 600_000);
afterAll(() => mirror?.stop());

const Mount = z.object({ Type: z.string(), Destination: z.string(), RW: z.boolean() });
const Ulimit = z.object({ Name: z.string(), Soft: z.number(), Hard: z.number() });
/** What of a container is compared with the specification. */
const Inspected = z.object({
  Id: z.string(),
  State: z.object({ Status: z.string(), ExitCode: z.number(), Health: z.object({ Status: z.string() }).optional() }),
  Config: z.object({
    Image: z.string(),
    Cmd: z.array(z.string()).nullish(),
    Entrypoint: z.array(z.string()).nullish(),
    Env: z.array(z.string()),
    User: z.string(),
    Labels: z.record(z.string(), z.string()),
    Healthcheck: z.object({ Test: z.array(z.string()).optional(), Interval: z.number().optional() }).optional(),
  }),
  HostConfig: z.object({
    RestartPolicy: z.object({ Name: z.string() }),
    ShmSize: z.number(),
    Tmpfs: z.record(z.string(), z.string()).nullish(),
    Ulimits: z.array(Ulimit).nullable(),
    PortBindings: z.record(z.string(), z.array(z.object({ HostIp: z.string() }))),
  }),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ Aliases: z.array(z.string()).nullable() })) }),
  Mounts: z.array(Mount),
});
type Inspected = z.output<typeof Inspected>;

/** One project in a folder and with names of its own. */
function project(name: string) {
  const place = mkdtempSync(join(tmpdir(), `wopr-${name}-`));
  const scope = uniqueScope();
  cpSync(join(folder, name), place, { recursive: true });
  const options = ["--state", `${place}-state`, "--scope", scope, "--mirror", mirror.mirror];
  const wopr = (release: number, command: string, ...argv: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const env = { ...process.env, RELEASE: String(release) };
      const all = [main, "compose", command, ...options, ...argv];
      execFile(process.execPath, all, { cwd: place, env }, (error, out, said) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, said }),
      );
    });
  return {
    scope,
    wopr,
    config: async (release: number) =>
      ComposeProject.parse(JSON.parse((await wopr(release, "config")).out.replaceAll("$$", "$"))),
    /** Its containers by service, in the order of their replicas. */
    containers: async () => {
      const ids = await docker("ps", "--all", "--quiet", "--no-trunc", "--filter", `label=wopr.scope=${scope}`);
      const found = z.array(Inspected).parse(JSON.parse(await docker("inspect", ...ids.split("\n"))));
      const replica = ({ Config }: Inspected) => Number(Config.Labels["wopr.replica"]);
      const inOrder = found.toSorted((a, b) => replica(a) - replica(b));
      return Map.groupBy(inOrder, ({ Config }) => Config.Labels["wopr.service"] ?? "");
    },
    clear: async () => {
      await removeScope(scope);
      rmSync(place, { recursive: true, force: true });
      rmSync(`${place}-state`, { recursive: true, force: true });
    },
  };
}

/** As the engine sees it, which may be later than up did. */
const healthOf = ({ Id }: Inspected) => docker("inspect", "--format", "{{.State.Health.Status}}", Id);

/** What the normal form says of a service, in the words of the engine; what it does not say is the image's affair. */
const asSpecified = (service: ComposeService) => ({
  image: service.image,
  command: service.command,
  entrypoint: service.entrypoint,
  environment: Object.entries(service.environment ?? {}).flatMap(([key, value]) =>
    value === null ? [] : [`${key}=${value}`],
  ),
  user: service.user,
  restart: service.restart?.replace("always", "unless-stopped") ?? "no",
  shmBytes: Number(service.shm_size ?? 64 * 2 ** 20),
  networks: Object.keys(service.networks ?? {}).length,
  ports: (service.ports ?? []).map(({ target, protocol }) => `${target}/${protocol}`).sort(),
  mounts: (service.volumes ?? [])
    .map(({ type, target, read_only }) => `${type} ${target} ${read_only ?? false}`)
    .sort(),
  tmpfs: (service.tmpfs ?? []).map((text) => text.split(":")[0]),
  ulimits: Object.entries(service.ulimits ?? {}).map(([name, limit]) =>
    typeof limit === "number"
      ? { Name: name, Soft: limit, Hard: limit }
      : { Name: name, Soft: limit.soft, Hard: limit.hard },
  ),
  test: service.healthcheck?.test,
  intervalNs:
    service.healthcheck?.interval === undefined ? undefined : parseDurationMs(service.healthcheck.interval) * 1e6,
});

/** The same of a container; where the normal form says nothing, nothing is compared. */
function asMade({ Config, HostConfig, Mounts, NetworkSettings }: Inspected, said: ReturnType<typeof asSpecified>) {
  return {
    image: Config.Image,
    command: said.command === null ? null : Config.Cmd,
    entrypoint: said.entrypoint === null ? null : (Config.Entrypoint ?? []),
    environment: said.environment.filter((pair) => Config.Env.includes(pair)),
    user: said.user === undefined ? undefined : Config.User,
    restart: HostConfig.RestartPolicy.Name,
    shmBytes: HostConfig.ShmSize,
    networks: Object.keys(NetworkSettings.Networks).length,
    ports: Object.keys(HostConfig.PortBindings).sort(),
    mounts: Mounts.map(({ Type, Destination, RW }) => `${Type} ${Destination} ${!RW}`).sort(),
    tmpfs: Object.keys(HostConfig.Tmpfs ?? {}),
    ulimits: HostConfig.Ulimits ?? [],
    test: said.test === undefined ? undefined : Config.Healthcheck?.Test,
    intervalNs: said.intervalNs === undefined ? undefined : Config.Healthcheck?.Interval,
  };
}

describe("well-known projects", () => {
  it("are ten", () => expect(projects).toHaveLength(10));

  it.concurrent.each(projects)(
    "%s: up as specified, nothing to do, one service changed, down",
    { timeout: 300_000 },
    async (name) => {
      const own = project(name);
      try {
        const up = await own.wopr(1, "up");
        expect(up).toMatchObject({ code: 0, said: expect.stringContaining(" is up.") });
        const { services } = await own.config(1);
        const before = await own.containers();
        expect([...before.keys()].sort()).toEqual(Object.keys(services).sort());
        const completes = Object.values(services).flatMap(({ depends_on = {} }) =>
          Object.entries(depends_on).flatMap(([other, { condition }]) =>
            condition === "service_completed_successfully" ? [other] : [],
          ),
        );
        for (const [service, spec] of Object.entries(services)) {
          const containers = before.get(service) ?? [];
          expect(containers, service).toHaveLength(spec.scale ?? spec.deploy?.replicas ?? 1);
          for (const container of containers) {
            const said = asSpecified(spec);
            expect(asMade(container, said), service).toEqual(said);
            const isDone = completes.includes(service);
            expect(container.State, service).toMatchObject(
              isDone ? { Status: "exited", ExitCode: 0 } : { Status: "running" },
            );
            if (!isDone) await until(async () => (await healthOf(container)) === "healthy");
            for (const { Aliases } of Object.values(container.NetworkSettings.Networks))
              expect(Aliases).toContain(service);
          }
        }
        expect(await changesIn((command) => own.wopr(1, command))).toEqual([]);

        const changing = Object.entries(services).filter(
          ([, { environment = {} }]) => environment.RELEASE !== undefined,
        );
        expect(changing).toHaveLength(1);
        expect(await own.wopr(2, "up")).toMatchObject({ code: 0 });
        const after = await own.containers();
        for (const [service, containers] of before) {
          const same = containers.filter(({ Id }) => after.get(service)?.some((container) => container.Id === Id));
          expect(same.length, service).toBe(service === changing[0]?.[0] ? 0 : containers.length);
        }
        expect(await own.wopr(2, "down", "--volumes")).toMatchObject({ code: 0 });
        expect(await leftIn(own.scope)).toEqual({ containers: [], networks: [], volumes: [] });
      } finally {
        await own.clear();
      }
    },
  );
});
