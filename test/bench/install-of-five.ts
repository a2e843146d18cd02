import Dockerode from "dockerode";
import { IMAGE, onBed } from "./bed.ts";
import { median, type Row } from "./table.ts";

const PAIRS = 5;
const LABEL = "wopr.bench";

/** Services with those that they wait for. */
const services = {
  db: [],
  cache: [],
  web: ["db", "cache"],
  worker: ["db"],
  edge: ["web"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Service = keyof typeof services;
const names: readonly Service[] = ["db", "cache", "web", "worker", "edge"];

const check = ["curl", "--fail", "--silent", "http://localhost:8080/health"];

const compose = `services:
${names
  .map(
    (service) => `  ${service}:
    image: ${IMAGE}
    depends_on: [${services[service].join(", ")}]
    volumes: ["${service}:/data"]
    stop_grace_period: 1s
    healthcheck:
      test: ${JSON.stringify(["CMD", ...check])}
      interval: 5s`,
  )
  .join("\n")}
volumes:
${names.map((service) => `  ${service}:`).join("\n")}
`;

/** Installing an app of five services until all are healthy, in turns with the same calls made by hand. */
export async function benchInstallOfFive(): Promise<Row[]> {
  return await onBed({ images: ["misbehaving"], modules: { five: compose } }, async ({ run }) => {
    const docker = new Dockerode();
    // The first one brings the image.
    await run("module.install", { module: "five", instance: "warm" });
    await run("module.remove", { instance: "warm", data: "delete", confirm: "warm" });
    const ours: number[] = [];
    const byHand: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const instance = `five-${pair}`;
      ours.push(await run("module.install", { module: "five", instance }));
      await run("module.remove", { instance, data: "delete", confirm: instance });
      byHand.push(await installByHand(docker, `bench-hand-${process.pid}-${pair}`));
    }
    const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
    return [
      {
        what: "install of five services, image present, until all are healthy",
        ours: `${seconds(median(ours))} (best ${seconds(Math.min(...ours))})`,
        peer: `${seconds(median(byHand))} (best ${seconds(Math.min(...byHand))}) by hand, each check run as soon as it can pass`,
        ratio: median(ours) / median(byHand),
      },
    ];
  });
}

/** The same containers with the fewest calls, each made as soon as what it needs is there. */
async function installByHand(docker: Dockerode, name: string): Promise<number> {
  const Labels = { [LABEL]: name };
  const nameOf = (service: Service) => `${name}-${service}`;
  const started = performance.now();
  const network = docker.createNetwork({ Name: name, CheckDuplicate: true, Labels });
  const healthy = new Map<Service, Promise<void>>();

  async function up(service: Service): Promise<void> {
    await Promise.all([network, docker.createVolume({ Name: nameOf(service), Labels })]);
    const container = await docker.createContainer({
      name: nameOf(service),
      Image: IMAGE,
      Labels,
      StopTimeout: 1,
      Healthcheck: { Test: ["CMD", ...check], Interval: 5e9 },
      HostConfig: { Binds: [`${nameOf(service)}:/data`], NetworkMode: name },
      NetworkingConfig: { EndpointsConfig: { [name]: { Aliases: [service] } } },
    });
    await Promise.all(services[service].map((other) => healthy.get(other)));
    await container.start();
    while (!(await passes(container))) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  try {
    for (const service of names) healthy.set(service, up(service));
    await Promise.all(healthy.values());
    return performance.now() - started;
  } finally {
    await Promise.all(
      names.map(async (service) => {
        await docker.getContainer(nameOf(service)).remove({ force: true });
        await docker.getVolume(nameOf(service)).remove();
      }),
    );
    await (await network).remove();
  }
}

async function passes(container: Dockerode.Container): Promise<boolean> {
  const exec = await container.exec({ AttachStdout: true, Cmd: [...check] });
  for await (const _chunk of await exec.start({}));
  return (await exec.inspect()).ExitCode === 0;
}
