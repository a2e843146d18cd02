import { z } from "zod";
import { architectureOf, type Limit, limits, type Machine } from "#shared/machine.ts";
import type { DockerConnection } from "./connection.ts";

/** What the engine says of itself and of the machine. */
export type EngineFacts = Pick<Machine, "architecture" | "cpus" | "limits" | "runtimes" | "logDrivers">;

/** Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemInfo */
const Info = z.object({
  Architecture: z.string(),
  NCPU: z.number(),
  MemoryLimit: z.boolean().optional(),
  SwapLimit: z.boolean().optional(),
  CpuCfsQuota: z.boolean().optional(),
  CPUSet: z.boolean().optional(),
  CPUShares: z.boolean().optional(),
  PidsLimit: z.boolean().optional(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
  Plugins: z.object({ Log: z.array(z.string()).nullish() }),
});

const saysSo: Readonly<Record<Limit, (info: z.output<typeof Info>) => boolean | undefined>> = {
  memory: ({ MemoryLimit }) => MemoryLimit,
  swap: ({ SwapLimit }) => SwapLimit,
  cpu: ({ CpuCfsQuota }) => CpuCfsQuota,
  cpuset: ({ CPUSet }) => CPUSet,
  cpuShares: ({ CPUShares }) => CPUShares,
  pids: ({ PidsLimit }) => PidsLimit,
};

export const engineFacts =
  ({ engine, call }: DockerConnection) =>
  async (): Promise<EngineFacts> => {
    const info = Info.parse(await call("ask what it can do", () => engine.info()));
    return {
      architecture: architectureOf(info.Architecture),
      cpus: info.NCPU,
      limits: limits.filter((limit) => saysSo[limit](info) === true),
      runtimes: Object.keys(info.Runtimes ?? {}),
      logDrivers: info.Plugins.Log ?? [],
    };
  };
