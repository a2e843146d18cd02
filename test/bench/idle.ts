import { randomBytes } from "node:crypto";
import { join } from "node:path";
import Dockerode from "dockerode";
import { caddyAdmin } from "#agent/caddy.ts";
import { caddyRoutes } from "#agent/caddy-routes.ts";
import { createDocker } from "#agent/docker.ts";
import { beaconFacts } from "#agent/engine.ts";
import { createObserve, type Observe } from "#agent/observe.ts";
import { createPostgres } from "#agent/postgres.ts";
import { createRedis } from "#agent/redis.ts";
import { createSecrets } from "#agent/secrets.ts";
import { instanceRecords } from "#agent/store/instance-records.ts";
import { routeTable } from "#agent/store/routes.ts";
import { planRecorded } from "#shared/plans/changes.ts";
import { DOMAIN } from "#test/agent/beacon.ts";
import { startDockerProxy } from "#test/simulators/docker-proxy.ts";
import { type Bed, IMAGE, onBed } from "./bed.ts";
import { median, type Row } from "./table.ts";

const MODULES = 44;
const TURNS = 20;

/**
 * A container that costs nothing. It is in the shared network alone: the engine's own pools of addresses end at some
 * thirty networks.
 */
const compose = `services:
  idle:
    image: ${IMAGE}
    entrypoint: [sleep, infinity]
    init: true
    stop_grace_period: 1s
    volumes: ["data:/data"]
    networks: [edge]
    healthcheck: { disable: true }
networks:
  edge: { external: true }
volumes:
  data:
`;

/** Nothing to do on a beacon with 44 modules, PostgreSQL and Redis among them. */
export async function benchIdle(): Promise<Row[]> {
  const options = {
    images: ["misbehaving", "postgres", "redis"],
    modules: { idle: compose },
    core: ["postgresql", "redis"],
  };
  return await onBed(options, async (bed) => {
    const install = (module: string, instance = module) => bed.run("module.install", { module, instance });
    await Promise.all([install("postgresql"), install("redis")]);
    await Promise.all(Array.from({ length: MODULES - 2 }, (_, n) => install("idle", `idle-${n}`)));
    return await measure(bed);
  });
}

async function measure(bed: Bed): Promise<Row[]> {
  const { config, run } = bed;
  const proxy = await startDockerProxy(join(config.dataDirectory, "docker.sock"));
  try {
    const direct = planAll(bed, config.dockerSocket);
    const counted = planAll(bed, proxy.socketPath);
    await counted();
    proxy.requests.length = 0;
    await counted();
    const calls = proxy.requests.length;
    const engine = new Dockerode({ socketPath: config.dockerSocket });
    const fiveCalls = async () => {
      await Promise.all([
        engine.listContainers({ all: true }),
        engine.listImages({ digests: true }),
        engine.listNetworks(),
        engine.listVolumes(),
        engine.info(),
      ]);
    };
    const [plans, commands, bare]: [number[], number[], number[]] = [[], [], []];
    await direct();
    for (let turn = 0; turn < TURNS; turn++) {
      plans.push(await timed(direct));
      bare.push(await timed(fiveCalls));
      commands.push(await run("module.start", { instance: `idle-${turn}` }));
    }
    const peer = `${ms(median(bare))} for the bare five calls`;
    return [
      {
        what: `${MODULES} modules, nothing to do: look and plan all of them, ${calls} calls of the engine`,
        ours: ms(median(plans)),
        peer: `${peer}; 300 ms at most`,
        ratio: median(plans) / median(bare),
      },
      {
        what: `${MODULES} modules, nothing to do: one command from its acceptance to its result`,
        ours: ms(median(commands)),
        peer,
        ratio: median(commands) / median(bare),
      },
    ];
  } finally {
    await proxy.stop();
  }
}

/** Looks at the beacon and plans every instance that it has. */
function planAll({ config, engine }: Bed, socketPath: string): () => Promise<void> {
  const docker = createDocker({ socketPath, scope: config.scope });
  const beacon = beaconFacts(config, DOMAIN);
  const admin = caddyAdmin({ socketPath: join(beacon.caddyDirectory, "admin.sock") });
  const part = (name: string) => ({ instance: name, service: name });
  const observe: Observe = createObserve({
    world: {
      docker,
      records: instanceRecords(engine.store),
      postgres: createPostgres({ exec: docker.exec, container: part("postgresql") }),
      redis: createRedis({ exec: docker.exec, container: part("redis") }),
      secrets: createSecrets({ db: engine.store, keyFile: join(config.dataDirectory, "secret.key"), randomBytes }),
      routes: caddyRoutes({ admin, table: routeTable(engine.store), beacon }),
    },
    catalog: { modules: {}, summaries: [], problems: [] },
    beacon,
    dataDirectory: config.dataDirectory,
  });
  return async () => {
    const seen = await observe();
    const steps = seen.instances.flatMap((record) => planRecorded(record, seen));
    if (seen.instances.length !== MODULES || steps.length > 0) throw new Error(`${steps.length} steps are planned`);
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
