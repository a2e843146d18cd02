import type { DiskUse } from "../docker/disk-use.ts";
import type { Log } from "../log.ts";
import type { Meter, Values } from "./meter.ts";
import { rarely } from "./rarely.ts";

const DISK_USE_MS = 3_600_000;
const SECURITY_UPDATES_MS = 6 * 3_600_000;

export interface SlowSources {
  readonly diskUse: () => Promise<DiskUse>;
  /** How many wait to be installed; undefined where that cannot be told. */
  readonly securityUpdates: () => Promise<number | undefined>;
  readonly log: Log;
}

/** What takes seconds to find out, and is therefore asked for once in hours. */
export function createSlowMeter({ diskUse, securityUpdates, log }: SlowSources): Meter {
  const failed = (meter: string) => (error: unknown) => log.warn({ meter, error }, "something cannot be measured now");
  const findDiskUse = async (): Promise<Values> => {
    const { imagesBytes, buildCacheBytes } = await diskUse();
    return { docker_images_bytes: imagesBytes, docker_build_cache_bytes: buildCacheBytes };
  };
  const findUpdates = async (): Promise<Values> => {
    const count = await securityUpdates();
    return count === undefined ? {} : { security_updates_count: count };
  };
  const disk = rarely(findDiskUse, DISK_USE_MS, failed("dockerDiskUse"));
  const updates = rarely(findUpdates, SECURITY_UPDATES_MS, failed("securityUpdates"));
  return async (atMs) => ({ ...(await disk(atMs)), ...(await updates(atMs)) });
}
