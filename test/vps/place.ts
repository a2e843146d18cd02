import { randomUUID } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import Docker from "dockerode";
import type { HubConfig } from "#hub/config.ts";
import { LocalContainerSettings, localContainerProvider } from "#hub/providers/local/container-provider.ts";
import type { Provider } from "#hub/providers/provider.ts";
import { ensurePackagesBuilt, type Packages } from "#scripts/build-package.ts";
import { ensureStandIns } from "#scripts/stand-ins.ts";
import { ensureVpsImage } from "#scripts/vps/vps-image.ts";
import { freePort } from "#test/agent/beacon.ts";
import { startTestHub, type TestHub } from "#test/hub/test-hub.ts";
import { runIn, untilBooted } from "./run-in.ts";

const root = join(import.meta.dirname, "../..");
const silent = { log: () => undefined };

/** A hub with a real release and a provider of VPSs, all in a network of their own. */
export interface VpsPlace {
  readonly hub: TestHub;
  readonly provider: Provider;
  readonly packages: Packages;
  /** Has a VPS reach the stand-in images where its agent looks for them, as an operator's mirror in its network would be. */
  reachImages(vps: string): Promise<void>;
  /** Whether another machine in the network of a VPS gets a connection to an address inside it, to which it knows the way. */
  neighbourReaches(vpsAddress: string, inside: string, port: number): Promise<boolean>;
  /** The disk of a VPS. @returns what says whether it is there still */
  diskOf(vps: string): Promise<() => Promise<boolean>>;
  dispose(): Promise<void>;
}

/** @param openHub Starts the hub with these settings, and with whatever else it is to have. */
export async function openVpsPlace(
  openHub: (settings: Partial<HubConfig>) => Promise<TestHub> = startTestHub,
): Promise<VpsPlace> {
  const account = `test-${randomUUID().slice(0, 8)}`;
  const network = `wopr-${account}`;
  const docker = new Docker();
  const undo: (() => Promise<unknown>)[] = [];
  const dispose = async () => {
    for (let next = undo.pop(); next !== undefined; next = undo.pop()) await next();
  };
  try {
    const image = await ensureVpsImage(silent);
    const packages = await ensurePackagesBuilt(silent);
    const images = await ensureStandIns(silent);
    undo.push(() => images.stop());
    const made = await docker.createNetwork({ Name: network });
    undo.push(() => made.remove());
    const { IPAM } = await docker.getNetwork(network).inspect();
    const gateway = IPAM?.Config?.[0]?.Gateway ?? "";

    const imagesPort = Number(images.mirror.split(":")[1]);
    const images4vps = await forward(gateway, imagesPort);
    undo.push(() => images4vps.close());

    const settings = { mode: "container", image, account, network };
    const port = await freePort();
    const hub = await openHub({
      listen: { host: gateway, port },
      publicUrl: `http://${gateway}:${port}`,
      modulesDirectory: join(root, "compose-modules"),
      releases: packages,
      newBeacons: { certificates: "internal", registryMirror: `127.0.0.1:${imagesPort}` },
      providers: { local: settings },
    });
    undo.push(() => hub.stop());
    const provider = localContainerProvider(LocalContainerSettings.parse(settings));
    undo.push(async () => {
      for (const { id } of await provider.list()) await provider.remove(id);
    });
    const reachImages = async (vps: string) => {
      await untilBooted(vps);
      // Docker asks a registry on a loopback address without TLS, and no other: https://docs.docker.com/reference/cli/dockerd/#insecure-registries
      const proxy = `/lib/systemd/systemd-socket-proxyd ${gateway}:${images4vps.port}`;
      await runIn(vps, "sh", "-c", imagesUnits(imagesPort, proxy));
    };
    const neighbourReaches = async (vpsAddress: string, inside: string, port: number) => {
      const name = `neighbour-${account}`;
      const Entrypoint = ["sleep", "60"];
      const HostConfig = { NetworkMode: network, CapAdd: ["NET_ADMIN"] };
      const neighbour = await docker.createContainer({ name, Image: image, Entrypoint, HostConfig });
      try {
        await neighbour.start();
        await runIn(name, "ip", "route", "add", `${inside}/32`, "via", vpsAddress);
        const connects = runIn(name, "timeout", "3", "bash", "-c", `: </dev/tcp/${inside}/${port}`);
        return await connects.then(
          () => true,
          () => false,
        );
      } finally {
        await neighbour.remove({ force: true });
      }
    };
    const diskOf = async (vps: string) => {
      const { Mounts } = await docker.getContainer(vps).inspect();
      const disk = Mounts.find(({ Destination }) => Destination === "/var/lib/docker")?.Name;
      if (disk === undefined) throw new Error(`${vps} has no disk`);
      return async () => (await docker.listVolumes()).Volumes.some(({ Name }) => Name === disk);
    };
    return { hub, provider, packages, reachImages, neighbourReaches, diskOf, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd-socket-proxyd.html */
const imagesUnits = (port: number, proxy: string) => `
  printf '[Socket]\\nListenStream=127.0.0.1:${port}\\n[Install]\\nWantedBy=sockets.target\\n' >/etc/systemd/system/images.socket
  printf '[Service]\\nExecStart=${proxy}\\n' >/etc/systemd/system/images.service
  systemctl enable --now images.socket`;

/** Passes connections to a port of an address on to the same port of this machine's loopback. */
async function forward(address: string, port: number) {
  const open = new Set<Socket>();
  const server: Server = createServer((from) => {
    const to = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one);
      one.pipe(other);
      // The other end goes with it.
      one.on("error", () => other.destroy()).on("close", () => open.delete(one) && other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("expected a TCP address");
  return {
    port: bound.port,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
