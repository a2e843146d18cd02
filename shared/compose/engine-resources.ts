import type { ResolvedInstance } from "../instance.ts";
import { madeByOthers, type NetworkSpec, type VolumeSettings, withExactName } from "../resource-spec.ts";
import type { ComposeProject } from "./project.ts";

type Network = NonNullable<ComposeProject["networks"]>[string];

/** Names by which the engine's steps know what a project declares. */
export interface LogicalNames {
  readonly network: (key: string) => string;
  readonly volume: (key: string) => string;
}

/** A `name:` that is not the one that Compose makes up by itself is kept to the letter. */
export function logicalNames({ name, networks = {}, volumes = {} }: ComposeProject, instance: string): LogicalNames {
  const logical = (key: string, declared: { name: string; external?: true | undefined } | undefined) => {
    if (declared?.external) return madeByOthers(declared.name);
    const own = `${instance}/${key}`;
    return declared === undefined || declared.name === `${name}_${key}` ? own : withExactName(own, declared.name);
  };
  return {
    network: (key) => logical(key, networks[key]),
    volume: (key) => logical(key, volumes[key]),
  };
}

/** The networks that services use, and all volumes: those to make, and those that have to be there. */
export function engineResources(
  { services, networks = {}, volumes = {} }: ComposeProject,
  logical: LogicalNames,
): Pick<ResolvedInstance, "networks" | "volumes" | "volumeSettings" | "outside"> {
  const used = [...new Set(Object.values(services).flatMap((service) => Object.keys(service.networks ?? {})))];
  const isOutside = (declared: { external?: true | undefined } | undefined) => declared?.external === true;
  const outside = {
    networks: used.flatMap((key) => (isOutside(networks[key]) ? (networks[key]?.name ?? []) : [])),
    volumes: Object.values(volumes).flatMap((volume) => (isOutside(volume) ? volume.name : [])),
  };
  const own = Object.entries(volumes).filter(([, volume]) => !isOutside(volume));
  const settings = own.flatMap(([key, { driver, driver_opts, labels }]) => {
    const said: VolumeSettings = { driver, driverOptions: driver_opts, labels };
    return Object.values(said).every((value) => value === undefined)
      ? []
      : [[logical.volume(key), withoutAbsent(said)] as const];
  });
  return {
    networks: used
      .filter((key) => !isOutside(networks[key]))
      .map((key) => networkSpec(logical.network(key), networks[key])),
    volumes: own.map(([key]) => logical.volume(key)),
    ...(settings.length === 0 ? {} : { volumeSettings: Object.fromEntries(settings) }),
    ...(outside.networks.length + outside.volumes.length === 0 ? {} : { outside }),
  };
}

function networkSpec(network: string, declared: Network | undefined): NetworkSpec {
  const { driver, options, config } = declared?.ipam ?? {};
  const hasIpam = driver !== undefined || options !== undefined || config !== undefined;
  return {
    network,
    internal: declared?.internal ?? false,
    ...withoutAbsent({
      driver: declared?.driver,
      driverOptions: declared?.driver_opts,
      attachable: declared?.attachable,
      ipv6: declared?.enable_ipv6,
      ipam: hasIpam ? { ...withoutAbsent({ driver, options }), pools: (config ?? []).map(poolOf) } : undefined,
      labels: declared?.labels,
    }),
  };
}

type Pool = NonNullable<Network["ipam"]["config"]>[number];

const poolOf = ({ subnet, ip_range, gateway, aux_addresses }: Pool) =>
  withoutAbsent({ subnet, range: ip_range, gateway, reserved: aux_addresses });

/** Equal settings have to be written equally, since their hash is compared. */
const withoutAbsent = <Members extends object>(members: Members): Partial<Members> => {
  const kept: Partial<Members> = {};
  for (const key in members) if (members[key] !== undefined) kept[key] = members[key];
  return kept;
};
