import type { Reader } from "./context.ts";
import { environment, labels } from "./read-environment.ts";
import { device, fileMount, mount, tmpfs } from "./read-mounts.ts";
import { exposed, extraHosts, networks, ports } from "./read-networking.ts";
import { dependencies, deploy, gpus, healthcheck, logging, restart, ulimits } from "./read-running.ts";
import {
  boolean,
  bytes,
  decimal,
  duration,
  flag,
  integer,
  listOf,
  mapOf,
  oneOf,
  pairs,
  refused,
  signedInteger,
  text,
  textOrTexts,
  texts,
} from "./readers.ts";
import { readText, readWords } from "./values.ts";

/** `host`, `service:NAME`, or what else the attribute knows. */
const namespace =
  (what: string, pattern: RegExp): Reader =>
  (place, context) => {
    const value = readText(place, what);
    const service = /^service:(.+)$/.exec(value)?.[1];
    if (service !== undefined) context.refer({ kind: "service", name: service, place });
    else if (!pattern.test(value)) throw place.expected(what);
    return value;
  };

const BUILD = "WOPR runs images that are already built; say image";
const WINDOWS = "it is for containers of Windows";
const LINKS = "services of one network find each other by name";

/** What a service may say, and how it is read. To read one more, add a line, and its normal form to `ComposeService`. */
export const attributes: Readonly<Record<string, Reader>> = {
  annotations: pairs,
  attach: boolean,
  cap_add: texts,
  cap_drop: texts,
  cgroup: oneOf("host", "private"),
  cgroup_parent: text,
  command: (place) => readWords(place),
  configs: listOf(fileMount("config"), "a list of configs"),
  container_name: text,
  cpu_period: integer,
  cpu_quota: signedInteger(-1),
  cpu_shares: integer,
  cpus: decimal,
  cpuset: text,
  depends_on: dependencies,
  deploy,
  device_cgroup_rules: texts,
  devices: listOf(device, "a list of devices"),
  dns: textOrTexts,
  dns_opt: texts,
  dns_search: textOrTexts,
  domainname: text,
  entrypoint: (place) => readWords(place),
  environment,
  expose: listOf(exposed, "a list of ports"),
  extra_hosts: extraHosts,
  gpus,
  group_add: texts,
  healthcheck,
  hostname: text,
  image: (place) => readText(place, "an image"),
  init: boolean,
  ipc: namespace('"host", "none", "private", "shareable" or "service:NAME"', /^(host|none|private|shareable)$/),
  labels,
  logging,
  mac_address: text,
  mem_limit: bytes,
  mem_reservation: bytes,
  mem_swappiness: (place, context) => String(signedInteger(0, 100)(place, context)),
  memswap_limit: (place, context) => (readText(place) === "-1" ? "-1" : bytes(place, context)),
  network_mode: namespace('"host", "none", "bridge" or "service:NAME"', /^(host|none|bridge)$/),
  networks,
  oom_kill_disable: flag,
  oom_score_adj: signedInteger(-1000, 1000),
  pid: namespace('"host" or "service:NAME"', /^host$/),
  pids_limit: signedInteger(-1),
  platform: text,
  ports,
  privileged: boolean,
  profiles: texts,
  pull_policy: (place) => {
    const value = readText(place);
    if (!/^(always|never|if_not_present|missing|build|refresh|daily|weekly|every_(\d+[wdhms])+)$/.test(value)) {
      throw place.expected("one of always, never, missing, if_not_present, daily, weekly, every_12h");
    }
    return value === "if_not_present" ? "missing" : value;
  },
  read_only: boolean,
  restart,
  runtime: text,
  scale: signedInteger(0, 1000),
  secrets: listOf(fileMount("secret"), "a list of secrets"),
  security_opt: texts,
  shm_size: bytes,
  stdin_open: boolean,
  stop_grace_period: duration,
  stop_signal: text,
  storage_opt: mapOf(text),
  sysctls: pairs,
  tmpfs: (place, context) => (place.kind === "list" ? listOf(tmpfs)(place, context) : [tmpfs(place, context)]),
  tty: boolean,
  ulimits,
  user: text,
  userns_mode: oneOf("host"),
  uts: oneOf("host"),
  volumes: listOf(mount, "a list of mounts"),
  working_dir: text,
};

/** Attributes of the specification that are refused, and why. */
export const refusedAttributes: Readonly<Record<string, Reader>> = {
  blkio_config: refused("what a disk gives a container is not limited here"),
  build: refused(BUILD),
  cpu_count: refused(WINDOWS),
  cpu_percent: refused(WINDOWS),
  cpu_rt_period: refused("real-time scheduling is not set up on beacons"),
  cpu_rt_runtime: refused("real-time scheduling is not set up on beacons"),
  credential_spec: refused(WINDOWS),
  external_links: refused(LINKS),
  isolation: refused(WINDOWS),
  links: refused(LINKS),
  models: refused("install a module that serves models"),
  post_start: refused("make it a part of the image, or a service that completes"),
  pre_start: refused("make it a service that completes, and depend on it"),
  pre_stop: refused("make it a part of the image"),
  provider: refused("a service here is a container"),
  pull_refresh_after: refused("updates follow the plan of WOPR"),
  use_api_socket: refused("the engine is nobody's but the agent's"),
  volumes_from: refused("name the volume in both services"),
};

/** Read before all others, or about the work of developers alone: nothing of the container follows from them here. */
export const passedOver: ReadonlySet<string> = new Set(["develop", "extends", "env_file", "label_file"]);
