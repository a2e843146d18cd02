import { z } from "zod";
import type { DockerConnection } from "./connection.ts";

/**
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemDataUsage: since a build cache entry may be
 * shared with an image, only those that are not are counted.
 */
const DataUsage = z.object({
  LayersSize: z.number().nullish(),
  BuildCache: z.array(z.object({ Size: z.number(), Shared: z.boolean() })).nullish(),
});

/** Bytes on disk of the whole engine, not only of what is ours: it is one disk. */
export interface DiskUse {
  readonly imagesBytes: number;
  readonly buildCacheBytes: number;
}

/** Takes the engine seconds where there is much. */
export const dockerDiskUse =
  ({ engine, call }: DockerConnection) =>
  async (): Promise<DiskUse> => {
    const { LayersSize, BuildCache } = DataUsage.parse(await call("ask for its disk use", () => engine.df()));
    return {
      imagesBytes: LayersSize ?? 0,
      buildCacheBytes: (BuildCache ?? []).reduce((sum, { Size, Shared }) => sum + (Shared ? 0 : Size), 0),
    };
  };
