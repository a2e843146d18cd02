import type { EngineSettings } from "#shared/container-spec.ts";

type Named = (part: { service: string }) => string;

/** Of `from`, those members that are there, under the names that `to` gives them. */
const renamed = (from: EngineSettings, to: Readonly<Partial<Record<keyof EngineSettings, string>>>) =>
  Object.fromEntries(
    Object.entries(to).flatMap(([key, name]) => {
      const value = Object.entries(from).find(([own]) => own === key)?.[1];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Settings of the container itself. */
export const containerSettings = (settings: EngineSettings): Record<string, unknown> =>
  renamed(settings, {
    domainName: "Domainname",
    macAddress: "MacAddress",
    tty: "Tty",
    stdinOpen: "OpenStdin",
    platform: "platform",
  });

/**
 * Settings of how the host runs it.
 * @param containerOf Name of the container of another service, whose namespace is shared.
 */
export function hostSettings(settings: EngineSettings, containerOf: Named): Record<string, unknown> {
  const namespace = (mode: string | undefined) => {
    const service = /^service:(.+)$/.exec(mode ?? "")?.[1];
    return service === undefined ? mode : `container:${containerOf({ service })}`;
  };
  const { ulimits, devices, deviceRequests, logging } = settings;
  return {
    ...renamed(settings, {
      privileged: "Privileged",
      securityOpt: "SecurityOpt",
      groupAdd: "GroupAdd",
      utsMode: "UTSMode",
      usernsMode: "UsernsMode",
      cgroupMode: "CgroupnsMode",
      cgroupParent: "CgroupParent",
      runtime: "Runtime",
      sysctls: "Sysctls",
      deviceCgroupRules: "DeviceCgroupRules",
      storageOpt: "StorageOpt",
      dns: "Dns",
      dnsSearch: "DnsSearch",
      dnsOptions: "DnsOptions",
      memoryReservationBytes: "MemoryReservation",
      memorySwapBytes: "MemorySwap",
      memorySwappiness: "MemorySwappiness",
      oomKillDisable: "OomKillDisable",
      oomScoreAdj: "OomScoreAdj",
      pidsLimit: "PidsLimit",
      cpuShares: "CpuShares",
      cpuQuota: "CpuQuota",
      cpuPeriod: "CpuPeriod",
      cpuset: "CpusetCpus",
    }),
    ...present({
      NetworkMode: namespace(settings.networkMode),
      PidMode: namespace(settings.pidMode),
      IpcMode: namespace(settings.ipcMode),
      Ulimits: ulimits && Object.entries(ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard })),
      Devices: devices?.map(({ source, target, permissions }) => ({
        PathOnHost: source,
        PathInContainer: target,
        CgroupPermissions: permissions,
      })),
      DeviceRequests: deviceRequests?.map(({ driver, count, deviceIds, capabilities, options }) => ({
        Driver: driver,
        Count: count,
        DeviceIDs: deviceIds,
        Capabilities: [capabilities],
        Options: options,
      })),
      LogConfig: logging && { Type: logging.driver, Config: logging.options },
    }),
  };
}

type Address = NonNullable<EngineSettings["addresses"]>[string];

/** How a network is joined, besides the aliases. */
export const endpointSettings = ({
  ipv4,
  ipv6,
  linkLocal,
  mac,
  driverOptions,
}: Address = {}): Record<string, unknown> =>
  present({
    IPAMConfig:
      ipv4 === undefined && ipv6 === undefined && linkLocal === undefined
        ? undefined
        : present({ IPv4Address: ipv4, IPv6Address: ipv6, LinkLocalIPs: linkLocal }),
    MacAddress: mac,
    DriverOpts: driverOptions,
  });

const present = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
