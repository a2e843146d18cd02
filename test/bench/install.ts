import Dockerode from "dockerode";
import { Plan } from "#shared/api/beacon.ts";
import type { RootClient } from "./root-client.ts";
import { median, type Row } from "./table.ts";

const PAIRS = 5;
/** The app that is installed again and again; its image is there already. */
const MODULE = "vaultwarden";
const LABEL = "wopr.bench";

/** Installing an app, in turns with the same Docker calls made by hand; and a plan with nothing to do. */
export async function benchInstall(root: RootClient, scope: string): Promise<Row[]> {
  const docker = new Dockerode();
  const ours: number[] = [];
  const byHand: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const instance = `bench-${pair}`;
    ours.push(await root.run({ name: "module.install", input: { module: MODULE, instance, parameters: {} } }));
    byHand.push(await installByHand(docker, `${scope}_${instance}_${MODULE}`, `hand-${pair}`));
    await root.run({ name: "module.remove", input: { instance, data: "delete", confirm: instance } });
  }
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  return [
    {
      what: `install of ${MODULE}, image present, until healthy`,
      ours: seconds(median(ours)),
      peer: `${seconds(median(byHand))} by hand, checked by the engine`,
      ratio: median(ours) / median(byHand),
    },
    await benchIdlePlan(root, docker),
  ];
}

/** A plan for what is installed already, beside one bare listing of all containers. */
async function benchIdlePlan(root: RootClient, docker: Dockerode): Promise<Row> {
  const plans: number[] = [];
  const listings: number[] = [];
  const command = { name: "module.install", input: { module: MODULE, parameters: {} } };
  for (let turn = 0; turn < 20; turn++) {
    const started = performance.now();
    const { steps } = await root.post("/api/plan", command, Plan);
    plans.push(performance.now() - started);
    if (steps.length > 0) throw new Error(`${MODULE} is installed, and yet ${steps.length} steps are planned`);
    const listed = performance.now();
    await docker.listContainers({ all: true });
    listings.push(performance.now() - listed);
  }
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return {
    what: "plan with nothing to do",
    ours: ms(median(plans)),
    peer: `${ms(median(listings))} for one listing`,
    ratio: median(plans) / median(listings),
  };
}

/** Makes what the agent has just made, from what it looks like to Docker, with the fewest calls. */
async function installByHand(docker: Dockerode, model: string, name: string): Promise<number> {
  const { Config, HostConfig, NetworkSettings } = await docker.getContainer(model).inspect();
  const shared = Object.keys(NetworkSettings.Networks).find((network) => network.endsWith("_edge"));
  const started = performance.now();
  const network = await docker.createNetwork({ Name: name, Labels: { [LABEL]: name } });
  await docker.createVolume({ Name: name, Labels: { [LABEL]: name } });
  const container = await docker.createContainer({
    name,
    Image: Config.Image,
    Env: Config.Env,
    Labels: { [LABEL]: name },
    ...(Config.Healthcheck === undefined ? {} : { Healthcheck: Config.Healthcheck }),
    HostConfig: {
      RestartPolicy: HostConfig.RestartPolicy ?? { Name: "no" },
      Binds: [`${name}:/data`],
      NetworkMode: name,
    },
  });
  try {
    if (shared !== undefined) await docker.getNetwork(shared).connect({ Container: container.id });
    await container.start();
    for (let health = "starting"; health !== "healthy"; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      health = (await container.inspect()).State.Health?.Status ?? "none";
    }
    return performance.now() - started;
  } finally {
    await container.remove({ force: true });
    await docker.getVolume(name).remove();
    await network.remove();
  }
}
