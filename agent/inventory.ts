import { statfsSync } from "node:fs";
import { arch, cpus, hostname, release, totalmem } from "node:os";
import type { HostCertificate } from "#shared/certificates.ts";
import type { InstanceStatus, Inventory } from "#shared/inventory.ts";
import type { Log } from "./log.ts";
import type { HostFiles } from "./metrics/host-files.ts";
import { inTime } from "./metrics/in-time.ts";

/** People wait for it; a Docker that hangs must not keep them. */
const ANSWERS_MS = 10_000;

/** What the inventory asks the engine. */
export interface InventorySources {
  readonly instances: () => Promise<InstanceStatus[]>;
  readonly certificates: () => Promise<HostCertificate[]>;
  readonly caCertificate: () => Promise<string | undefined>;
  readonly dockerVersion: () => Promise<string | undefined>;
}

export interface InventoryOptions {
  readonly sources: InventorySources;
  readonly files: HostFiles;
  /** On the file system that counts as the beacon's disk. */
  readonly dataDirectory: string;
  readonly agentVersion: string;
  readonly domain: string;
  readonly dashboardUrl: string;
  readonly now: () => number;
  readonly log: Log;
}

interface Known extends Pick<Inventory, "instances" | "certificates"> {
  readonly caCertificate: string | undefined;
  readonly dockerVersion: string | undefined;
}

/** What the beacon is made of and what is on it now. */
export type CollectInventory = () => Promise<Inventory>;

/** `PRETTY_NAME` of os-release(5), for example `Debian GNU/Linux 12 (bookworm)`. */
export const parseSystemName = (osRelease: string): string | undefined =>
  /^PRETTY_NAME=(?:"(.*)"|'(.*)'|(.*))$/m.exec(osRelease)?.slice(1).find(Boolean);

/** While the engine does not answer, the inventory says what was on the beacon when it last did. */
export function createInventory(options: InventoryOptions): CollectInventory {
  const { sources, log } = options;
  let known: Known = { instances: [], certificates: [], caCertificate: undefined, dockerVersion: undefined };
  let failing = false;

  const ask = async () => {
    try {
      const answers = Promise.all([
        sources.instances(),
        sources.certificates(),
        sources.caCertificate(),
        sources.dockerVersion(),
      ]);
      const [instances, certificates, caCertificate, dockerVersion] = await inTime(answers, ANSWERS_MS, "this beacon");
      known = { instances, certificates, caCertificate, dockerVersion };
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ error }, "the instances of this beacon cannot be seen now");
      failing = true;
    }
    return known;
  };

  return async () => {
    const { instances, certificates, caCertificate, dockerVersion } = await ask();
    return {
      at: options.now(),
      agentVersion: options.agentVersion,
      host: { ...host(options), ...(dockerVersion === undefined ? {} : { dockerVersion }) },
      domain: options.domain,
      instances,
      dashboardUrl: options.dashboardUrl,
      certificates,
      ...(caCertificate === undefined ? {} : { caCertificate }),
    };
  };
}

function host({ files, dataDirectory }: InventoryOptions): Inventory["host"] {
  const { bsize, blocks } = statfsSync(dataDirectory);
  const processors = cpus();
  return {
    hostname: hostname(),
    system: parseSystemName(files.read("/etc/os-release") ?? "") ?? "Linux",
    kernel: release(),
    architecture: arch(),
    cpuModel: processors[0]?.model.trim() ?? "unknown",
    cores: Math.max(1, processors.length),
    memoryBytes: totalmem(),
    diskBytes: bsize * blocks,
  };
}
