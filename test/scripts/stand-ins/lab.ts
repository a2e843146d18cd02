import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { dockerSocket } from "#scripts/system/docker-engine.ts";
import { standIns } from "#test/images/stand-ins.ts";

export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** One running (or ended) container of a test. */
export interface Subject {
  readonly id: string;
  /** Address on the lab's network, which this machine reaches. */
  address(): Promise<string>;
  exec(argv: readonly string[], options?: { user?: string; env?: readonly string[] }): Promise<Ran>;
  logs(): Promise<string>;
  state(): Promise<{ running: boolean; exitCode: number; health: string | undefined; uid: string }>;
  /** Resolves with the exit code when the container has ended. */
  ended(): Promise<number>;
  restart(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it with SIGTERM (or the image's stop signal), and SIGKILL after the grace. Gives the time that it took. */
  stop(graceSeconds: number): Promise<number>;
  remove(): Promise<void>;
}

export interface SubjectOptions {
  readonly command?: readonly string[];
  readonly env?: readonly string[];
  /** Name of a volume of the lab → path in the container. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Name on the lab's network. */
  readonly alias?: string;
  /** `docker run --volume` of a host folder or file. */
  readonly binds?: readonly string[];
}

/** A corner of the Docker Engine where a test works, and of which nothing stays. */
export interface Lab {
  /** Pulls a stand-in through the mirror and starts it. */
  start(standIn: string, options?: SubjectOptions): Promise<Subject>;
  clear(): Promise<void>;
}

const label = "wopr.test";

export async function openLab(mirror: string): Promise<Lab> {
  const docker = new Docker({ socketPath: dockerSocket, host: "" });
  const name = `wopr-test-${randomBytes(4).toString("hex")}`;
  const labels = { [label]: name };
  const network = await docker.createNetwork({ Name: name, Labels: labels });
  const pulled = new Map<string, Promise<void>>();

  const pull = (image: string) => {
    const coming = pulled.get(image) ?? pullOnce(docker, image);
    pulled.set(image, coming);
    return coming;
  };

  return {
    async start(standIn, { command, env = [], volumes = {}, alias, binds = [] } = {}) {
      const reference = standIns.find((candidate) => candidate.name === standIn)?.reference;
      const image = `${mirror}/${reference}`;
      await pull(image);
      for (const volume of Object.keys(volumes)) {
        await docker.createVolume({ Name: `${name}-${volume}`, Labels: labels });
      }
      const container = await docker.createContainer({
        Image: image,
        Labels: labels,
        ...(command === undefined ? {} : { Cmd: [...command] }),
        Env: [...env],
        HostConfig: {
          NetworkMode: name,
          Binds: [...Object.entries(volumes).map(([volume, path]) => `${name}-${volume}:${path}`), ...binds],
        },
        ...(alias === undefined ? {} : { NetworkingConfig: { EndpointsConfig: { [name]: { Aliases: [alias] } } } }),
      });
      await container.start();
      return subject(docker, container, name);
    },

    async clear() {
      const filters = { label: [`${label}=${name}`] };
      for (const { Id } of await docker.listContainers({ all: true, filters })) {
        await docker.getContainer(Id).remove({ force: true, v: true });
      }
      const { Volumes } = await docker.listVolumes({ filters });
      for (const volume of Volumes) await docker.getVolume(volume.Name).remove();
      await network.remove();
      // Another test may be using the image: then it stays for that one to remove.
      for (const image of pulled.keys())
        await docker
          .getImage(image)
          .remove()
          .catch(() => undefined);
    },
  };
}

async function pullOnce(docker: Docker, image: string): Promise<void> {
  const failure = /"error":"([^"]*)"/.exec(await text(await docker.pull(image)))?.[1];
  if (failure !== undefined) throw new Error(`pulling ${image}: ${failure}`);
}

function subject(docker: Docker, container: Docker.Container, network: string): Subject {
  const inspect = () => container.inspect();
  return {
    id: container.id,
    address: async () => (await inspect()).NetworkSettings.Networks[network]?.IPAddress ?? "",

    async exec(argv, { user = "", env = [] } = {}) {
      const settings = { Cmd: [...argv], User: user, Env: [...env], AttachStdout: true, AttachStderr: true };
      const exec = await container.exec(settings);
      const output = await plainText(docker, await exec.start({}));
      return { code: (await exec.inspect()).ExitCode, output };
    },

    async logs() {
      return unframe(await container.logs({ stdout: true, stderr: true }));
    },

    async state() {
      const { State, Config } = await inspect();
      return { running: State.Running, exitCode: State.ExitCode, health: State.Health?.Status, uid: Config.User };
    },

    async ended() {
      const { StatusCode }: { StatusCode: number } = await container.wait();
      return StatusCode;
    },

    restart: async () => void (await container.restart({ t: 10 })),
    kill: async () => void (await container.kill()),

    async stop(graceSeconds) {
      const started = Date.now();
      await container.stop({ t: graceSeconds });
      return Date.now() - started;
    },

    remove: async () => void (await container.remove({ force: true })),
  };
}

/** The Engine sends both outputs as one, in frames: eight bytes, of which the last four are the length, then the text. */
function unframe(frames: Buffer): string {
  if (frames.length < 8) return "";
  const end = 8 + frames.readUInt32BE(4);
  return frames.subarray(8, end).toString() + unframe(frames.subarray(end));
}

function plainText(docker: Docker, framed: NodeJS.ReadableStream): Promise<string> {
  const plain = new PassThrough();
  docker.modem.demuxStream(framed, plain, plain);
  framed.on("end", () => plain.end());
  return text(plain);
}

/** Tries until it holds. @throws what the last try threw, or that it was still false. */
export async function eventually<Result>(attempt: () => Promise<Result | undefined | false>, timeoutMs = 30_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      const result = await attempt();
      if (result !== undefined && result !== false) return result;
      if (Date.now() > deadline) throw new Error(`still ${String(result)} after ${timeoutMs / 1000} s`);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(100);
  }
}
