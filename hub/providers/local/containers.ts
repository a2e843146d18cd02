import Docker from "dockerode";
import { Problem } from "#shared/problem.ts";
import { archiveOf } from "./archive.ts";

/** A container that is a VPS, as the engine knows it. */
export interface VpsContainer {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isRunning: boolean;
  /** In the network of the VPSs, while it runs. */
  readonly address: string | undefined;
  readonly memoryBytes: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface VpsShape {
  readonly memoryBytes: number;
  readonly cpus: number;
}

export interface NewVpsContainer extends VpsShape {
  readonly name: string;
  readonly hostname: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Put into it before it starts for the first time: full path → content, for root alone. */
  readonly files: Readonly<Record<string, string>>;
}

/** How long a system may take to shut down before it is switched off. */
const SHUTDOWN_S = 10;

/**
 * The engine's containers that are VPSs: systemd with an engine of its own inside. All methods throw `provider_unavailable` when the engine
 * does not answer, and do nothing to what is so already.
 */
export function vpsContainers({ dockerSocket, network }: { readonly dockerSocket: string; readonly network: string }) {
  const docker = new Docker({ socketPath: dockerSocket, host: "" });

  /** @param expected What is no error: 304 nothing to do, 404 not there, 409 somebody else was first. */
  const ask = async <T>(asked: Promise<T>, ...expected: number[]): Promise<T | undefined> => {
    try {
      return await asked;
    } catch (cause) {
      const status = cause instanceof Error && "statusCode" in cause ? Number(cause.statusCode) : undefined;
      if (status !== undefined && expected.includes(status)) return undefined;
      throw new Problem(
        "provider_unavailable",
        "the Docker engine of this machine did not do what was asked for a VPS",
        {
          hint: "See that the engine runs, and the log of the hub for what it said; this is tried again.",
          cause,
        },
      );
    }
  };

  const ensureNetwork = async () => {
    const found = await ask(docker.listNetworks({ filters: { name: [`^${network}$`] } }));
    if (found?.length === 0) await ask(docker.createNetwork({ Name: network, CheckDuplicate: true }), 409);
  };

  const inspect = async (name: string): Promise<VpsContainer | undefined> => {
    const found = await ask(docker.getContainer(name).inspect(), 404);
    if (found === undefined) return undefined;
    return {
      name,
      labels: found.Config.Labels,
      isRunning: found.State.Running,
      address: found.NetworkSettings.Networks[network]?.IPAddress || undefined,
      memoryBytes: found.HostConfig.Memory ?? 0,
      createdAt: Date.parse(found.Created),
    };
  };

  return {
    inspect,

    /** All that carry this label. */
    list: async (label: string): Promise<VpsContainer[]> => {
      const found = (await ask(docker.listContainers({ all: true, filters: { label: [label] } }))) ?? [];
      const seen = await Promise.all(found.map(({ Names }) => inspect(Names[0]?.slice(1) ?? "")));
      return seen.filter((one) => one !== undefined);
    },

    /** @throws {Problem} `provider_refused` when there is no such image */
    create: async ({ name, hostname, image, labels, files, memoryBytes, cpus }: NewVpsContainer): Promise<void> => {
      await ensureNetwork();
      const host = {
        NetworkMode: network,
        // Not `Privileged`, which asks for rights that a machine in a machine may lack itself.
        CapAdd: ["ALL"],
        CapDrop: ["SYS_RESOURCE"],
        // Docker's own filter forbids the keyrings that an engine makes for each container.
        SecurityOpt: ["seccomp=unconfined"],
        // Not in dockerode's types: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
        CgroupnsMode: "private",
        Tmpfs: { "/sys/fs/cgroup": "rw,mode=755" },
        // It can reboot.
        RestartPolicy: { Name: "unless-stopped" },
        ...limitsOf({ memoryBytes, cpus }),
      };
      const created = await ask(
        docker.createContainer({
          ...{ name, Hostname: hostname, Image: image, Labels: { ...labels }, Entrypoint: ["/vps-init"] },
          // systemd's word for shutting down: https://www.freedesktop.org/software/systemd/man/latest/systemd.html#Signals
          StopSignal: "SIGRTMIN+3",
          // Its engine's overlays cannot lie on an overlay.
          Volumes: { "/var/lib/docker": {} },
          HostConfig: host,
        }),
        404,
        409,
      );
      if (created === undefined) throw noImage(image);
      await ask(created.putArchive(archiveOf(files), { path: "/" }));
    },
    rename: (from: string, to: string) => ask(docker.getContainer(from).rename({ name: to })),
    start: (name: string) => ask(docker.getContainer(name).start(), 304),
    stop: (name: string) => ask(docker.getContainer(name).stop({ t: SHUTDOWN_S }), 304, 404),
    limit: (name: string, shape: VpsShape) => ask(docker.getContainer(name).update(limitsOf(shape))),
    /** With its disk. */
    remove: (name: string) => ask(docker.getContainer(name).remove({ force: true, v: true }), 404, 409),
  };
}

const limitsOf = ({ memoryBytes, cpus }: VpsShape) => ({
  Memory: memoryBytes,
  // As much as memory: none.
  MemorySwap: memoryBytes,
  NanoCpus: cpus * 1e9,
});

const noImage = (image: string) =>
  new Problem("provider_refused", `no VPS can be made of the image ${image}`, {
    hint: "Make it: node scripts/vps/vps-image.ts prints the name for the configuration.",
  });
