import type { Place } from "../yaml-place.ts";
import type { Reader } from "./context.ts";
import {
  boolean,
  bytes,
  decimal,
  duration,
  fields,
  flag,
  integer,
  listOf,
  oneOf,
  pairs,
  present,
  refused,
  signedInteger,
  text,
  texts,
} from "./readers.ts";
import { readOneOf, readText, readTexts } from "./values.ts";

/** `test` of a health check, with the word in front that says how it is run. */
const test: Reader = (place) => {
  if (place.kind !== "list") return ["CMD-SHELL", readText(place, "a test")];
  const [kind = "", ...rest] = readTexts(place);
  const fits =
    (kind === "NONE" && rest.length === 0) ||
    (kind === "CMD" && rest.length > 0) ||
    (kind === "CMD-SHELL" && rest.length === 1);
  if (!fits) throw place.expected('a test such as ["CMD", "curl", "-f", "http://localhost"] or ["CMD-SHELL", "…"]');
  return [kind, ...rest];
};

export const healthcheck = fields({
  test,
  interval: duration,
  timeout: duration,
  retries: integer,
  start_period: duration,
  start_interval: duration,
  disable: boolean,
});

const dependencyFields = fields({
  condition: oneOf("service_started", "service_healthy", "service_completed_successfully"),
  restart: flag,
  required: boolean,
});

/** `depends_on` of a service: a list of names, or a mapping with conditions. */
export const dependencies: Reader = (place, context) => {
  const named: [string, Place][] =
    place.kind === "list"
      ? place.items("a list").map((item) => [readText(item), item])
      : place.members("a list or a mapping of services");
  return Object.fromEntries(
    named.map(([name, value]) => {
      context.refer({ kind: "service", name, place: value });
      if (value.kind !== "mapping") return [name, { condition: "service_started", required: true }];
      if (value.find(["condition"]).kind === "nothing") throw value.expected("a condition");
      const read = dependencyFields(value, context);
      return [name, { required: true, ...(typeof read === "object" ? read : {}) }];
    }),
  );
};

/** `restart`; `on-failure:5` is given up after five times. */
export const restart: Reader = (place) => {
  const value = readText(place, RESTARTS);
  if (/^on-failure:\d{1,9}$/.test(value)) return value;
  return readOneOf(place, ["no", "always", "unless-stopped", "on-failure"]);
};
const RESTARTS = "one of no, always, unless-stopped, on-failure";

const deviceRequestFields = fields({
  capabilities: texts,
  driver: text,
  count: (place, context) => (readText(place) === "all" ? -1 : signedInteger(-1)(place, context)),
  device_ids: texts,
  options: pairs,
});

const deviceRequest: Reader = (place, context) => {
  const read = deviceRequestFields(place, context);
  const members = typeof read === "object" && read !== null ? read : {};
  if ("count" in members && "device_ids" in members) throw place.expected("either count or device_ids");
  return "count" in members || "device_ids" in members ? members : { ...members, count: -1 };
};

/** `gpus` of a service: `all`, or what is asked for. */
export const gpus: Reader = (place, context) =>
  place.kind === "list"
    ? listOf(deviceRequest)(place, context)
    : [{ count: readOneOf(place, ["all"]) === "all" ? -1 : undefined }];

const SWARM = "it is for clusters, and a beacon is one machine";

const deployFields = fields({
  mode: oneOf("replicated", "global"),
  replicas: signedInteger(0, 1000),
  labels: pairs,
  resources: fields({
    limits: fields({ cpus: decimal, memory: bytes, pids: integer }),
    reservations: fields({
      cpus: decimal,
      memory: bytes,
      devices: listOf(deviceRequest),
      generic_resources: refused(SWARM),
    }),
  }),
  restart_policy: fields({
    condition: oneOf("none", "on-failure", "any", "unless-stopped"),
    delay: duration,
    max_attempts: integer,
    window: duration,
  }),
  placement: refused(SWARM),
  endpoint_mode: refused(SWARM),
  update_config: refused("updates follow the plan of WOPR"),
  rollback_config: refused("updates follow the plan of WOPR"),
});

/** `deploy`: as far as it says something to one machine. */
export const deploy: Reader = (place, context) => {
  const read = deployFields(place, context);
  return { resources: {}, placement: {}, ...(typeof read === "object" ? read : {}) };
};

const limit = signedInteger(-1);

/** `ulimits` of a service. */
export const ulimits: Reader = (place, context) =>
  Object.fromEntries(
    place.members("a mapping of limits").map(([name, value]) => {
      if (!/^[a-z]+$/.test(name)) throw value.expected("the name of a limit in small letters");
      if (value.kind !== "mapping") return [name, limit(value, context)];
      return [name, fields({ soft: limit, hard: limit }, ["soft", "hard"])(value, context)];
    }),
  );

/** `logging` of a service. */
export const logging = fields({
  driver: text,
  options: (place) =>
    present(
      place.members("a mapping").map(([name, value]) => [name, value.kind === "nothing" ? undefined : readText(value)]),
    ),
});
