import type { HostCertificate } from "#shared/certificates.ts";
import type { Log } from "../log.ts";
import { type AppHealthSources, createAppHealthMeter } from "./app-health.ts";
import { createCertificatesMeter } from "./certificates.ts";
import { createContainersMeter, type RunningContainer } from "./containers.ts";
import { createCpuMeter } from "./cpu.ts";
import { createDiskIoMeter } from "./disk-io.ts";
import { createDiskSpaceMeter } from "./disk-space.ts";
import type { HostFiles } from "./host-files.ts";
import { inTime } from "./in-time.ts";
import { createLoadMeter } from "./load.ts";
import { createMemoryMeter } from "./memory.ts";
import type { Meter, Values } from "./meter.ts";
import { createNetworkMeter } from "./network.ts";
import { createPressureMeter } from "./pressure.ts";
import { createProcessesMeter } from "./processes.ts";
import { createTemperaturesMeter } from "./temperatures.ts";
import { createUpkeepMeter } from "./upkeep.ts";
import { createUptimeMeter } from "./uptime.ts";

/** One meter that waits for ever must not end all measuring. */
const METER_MS = 5_000;

export interface CollectorOptions {
  readonly files: HostFiles;
  readonly running: () => Promise<readonly RunningContainer[]>;
  readonly services: AppHealthSources;
  readonly certificates: () => readonly HostCertificate[];
  /** What takes longer than a sample may, from somewhere that remembers it. */
  readonly slow: Meter;
  readonly now: () => number;
  /** The system's clock, by which its files are dated. */
  readonly system: () => number;
  /** Milliseconds that only ever grow. */
  readonly monotonic: () => number;
  readonly log: Log;
}

/** Everything that can be measured now. Rates are since its last call, so they are missing in the first one. */
export type Collector = () => Promise<Values>;

/** What cannot be measured is left out, and said once until it works again. */
export function createCollector(options: CollectorOptions): Collector {
  const { files, running, now, system, monotonic, log } = options;
  const meters: Readonly<Record<string, Meter>> = {
    cpu: createCpuMeter(files),
    load: createLoadMeter(files),
    memory: createMemoryMeter(files),
    diskSpace: createDiskSpaceMeter(files),
    diskIo: createDiskIoMeter(files),
    network: createNetworkMeter(files),
    pressure: createPressureMeter(files),
    processes: createProcessesMeter(files),
    temperatures: createTemperaturesMeter(files),
    uptime: createUptimeMeter(files),
    upkeep: createUpkeepMeter(files, system),
    slow: options.slow,
    certificates: createCertificatesMeter(options.certificates, now),
    services: createAppHealthMeter(options.services),
    containers: createContainersMeter(files, running),
  };
  const failing = new Set<string>();

  return async () => {
    const atMs = monotonic();
    const values: Values = {};
    for (const [name, meter] of Object.entries(meters)) {
      try {
        Object.assign(values, await inTime(meter(atMs), METER_MS, name));
        failing.delete(name);
      } catch (error) {
        if (!failing.has(name)) log.warn({ meter: name, error }, "something cannot be measured now");
        failing.add(name);
      }
    }
    return values;
  };
}
