import type { EngineSettings } from "../container-spec.ts";
import type { ComposeService } from "./service.ts";

/** What of a service goes to the engine as it is. `network` gives a network the name by which the beacon knows it. */
export function engineSettings(service: ComposeService, network: (name: string) => string): EngineSettings {
  const { deploy } = service;
  const reservations = deploy?.resources?.reservations;
  const reserved = service.mem_reservation ?? reservations?.memory;
  const pids = service.pids_limit ?? deploy?.resources?.limits?.pids;
  const requests = [...(service.gpus ?? []).map(withGpu), ...(reservations?.devices ?? [])];
  const addresses = addressesOf(service, network);
  return present({
    domainName: service.domainname,
    macAddress: service.mac_address,
    tty: service.tty,
    stdinOpen: service.stdin_open,
    privileged: service.privileged,
    securityOpt: service.security_opt?.map((option) => option.replace(/^([a-z-]+)=/, "$1=")),
    groupAdd: service.group_add,
    networkMode: service.network_mode,
    pidMode: service.pid,
    ipcMode: service.ipc,
    utsMode: service.uts,
    usernsMode: service.userns_mode,
    cgroupMode: service.cgroup,
    cgroupParent: service.cgroup_parent,
    runtime: service.runtime,
    // A variable without a value asks for none.
    platform: service.platform === "" ? undefined : service.platform,
    sysctls: service.sysctls,
    ulimits: service.ulimits && mapValues(service.ulimits, limitOf),
    devices: service.devices?.map((device) => ({ ...device, permissions: device.permissions ?? "rwm" })),
    deviceCgroupRules: service.device_cgroup_rules,
    deviceRequests: requests.length === 0 ? undefined : requests.map(requestOf),
    logging: service.logging && {
      driver: service.logging.driver ?? "json-file",
      options: service.logging.options ?? {},
    },
    storageOpt: service.storage_opt,
    dns: service.dns,
    dnsSearch: service.dns_search,
    dnsOptions: service.dns_opt,
    memoryReservationBytes: numberOf(reserved),
    memorySwapBytes: numberOf(service.memswap_limit),
    memorySwappiness: numberOf(service.mem_swappiness),
    oomKillDisable: service.oom_kill_disable,
    oomScoreAdj: service.oom_score_adj,
    pidsLimit: pids,
    cpuShares: service.cpu_shares,
    cpuQuota: service.cpu_quota,
    cpuPeriod: service.cpu_period,
    cpuset: service.cpuset,
    restartTries:
      numberOf(/^on-failure:(\d+)$/.exec(service.restart ?? "")?.[1]) ?? deploy?.restart_policy?.max_attempts,
    expose: service.expose?.flatMap(exposed),
    addresses: Object.keys(addresses).length === 0 ? undefined : addresses,
  });
}

const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));

const mapValues = <From, To>(record: Readonly<Record<string, From>>, change: (from: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

const limitOf = (limit: number | { soft: number; hard: number }) =>
  typeof limit === "number" ? { soft: limit, hard: limit } : limit;

type Request = NonNullable<ComposeService["gpus"]>[number];

const withGpu = (request: Request): Request => ({ ...request, capabilities: [...(request.capabilities ?? []), "gpu"] });

const requestOf = ({ driver, count, device_ids, capabilities, options }: Request) => ({
  driver: driver ?? "",
  count: count ?? 0,
  deviceIds: device_ids ?? [],
  capabilities: capabilities ?? [],
  options: options ?? {},
});

/** `80`, `80/udp` and `8000-8002`, each as the engine names a port. */
function exposed(text: string): string[] {
  const [, first, last = first, protocol = "tcp"] = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/.exec(text) ?? [];
  const count = Number(last) - Number(first) + 1;
  if (!(count > 0 && count <= 65_535)) return [];
  return Array.from({ length: count }, (_, index) => `${Number(first) + index}/${protocol}`);
}

function addressesOf({ networks = {} }: ComposeService, network: (name: string) => string) {
  const named = Object.entries(networks).flatMap(([name, membership]) => {
    if (membership === null) return [];
    const address = present({
      ipv4: membership.ipv4_address,
      ipv6: membership.ipv6_address,
      linkLocal: membership.link_local_ips,
      mac: membership.mac_address,
      driverOptions: membership.driver_opts,
    });
    return Object.keys(address).length === 0 ? [] : [[network(name), address] as const];
  });
  return Object.fromEntries(named);
}

type Present<Members> = { [K in keyof Members]?: Exclude<Members[K], undefined> };

/** Without members that hold nothing. */
function present<Members extends object>(members: Members): Present<Members> {
  const kept: Present<Members> = {};
  for (const key in members) {
    const value = members[key];
    if (isThere(value)) kept[key] = value;
  }
  return kept;
}

const isThere = <Value>(value: Value): value is Exclude<Value, undefined> => value !== undefined;
