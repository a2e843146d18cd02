import { z } from "zod";
import { hashOf } from "./hash.ts";

const Pairs = z.record(z.string(), z.string());

/**
 * A network and all that it is made with; what is absent is as the engine has it. `network` is its logical name: `edge`,
 * `data`, or `<instance>/<network>`.
 * Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Network/operation/NetworkCreate
 */
export const NetworkSpec = z.object({
  network: z.string(),
  internal: z.boolean(),
  driver: z.string().optional(),
  driverOptions: Pairs.optional(),
  attachable: z.literal(true).optional(),
  ipv6: z.boolean().optional(),
  ipam: z
    .object({
      driver: z.string().optional(),
      options: Pairs.optional(),
      pools: z.array(
        z.object({
          subnet: z.string().optional(),
          range: z.string().optional(),
          gateway: z.string().optional(),
          /** Addresses that no container gets, by what they are for. */
          reserved: Pairs.optional(),
        }),
      ),
    })
    .optional(),
  labels: Pairs.optional(),
});
export type NetworkSpec = z.output<typeof NetworkSpec>;

/** What a volume is made with, besides its name. */
export const VolumeSettings = z.object({
  driver: z.string().optional(),
  driverOptions: Pairs.optional(),
  labels: Pairs.optional(),
});
export type VolumeSettings = z.output<typeof VolumeSettings>;

/** Logical name of a network or volume that the engine has to know by exactly `name`. */
export const withExactName = (logical: string, name: string) => `${logical}=${name}`;

/** Logical name of a network or volume that somebody else made and removes. */
export const madeByOthers = (name: string) => withExactName("", name);

/** The engine's name for it where that is part of the logical one; else it is made of the scope and the logical name. */
export const exactNameIn = (logical: string): string | undefined => /=(.+)$/.exec(logical)?.[1];

/** Short hash of what a network or a volume was made with; empty when that is the default, as it nearly always is. */
export function resourceSettingsOf({ network: _network, internal, ...others }: NetworkSpec | (VolumeSettings & Plain)) {
  const said = { ...others, ...(internal ? { internal } : {}) };
  return Object.values(said).every((value) => value === undefined) ? "" : hashOf(said).slice(0, 8);
}

/** A volume has none of what only networks have. */
interface Plain {
  readonly network?: never;
  readonly internal?: never;
}
