import { suggestion } from "../nearest.ts";
import type { Place } from "../yaml-place.ts";
import type { ComposeService } from "./project.ts";
import {
  readBoolean,
  readBytes,
  readDecimal,
  readDuration,
  readFields,
  readInteger,
  readOneOf,
  readText,
  readTexts,
} from "./values.ts";

type Healthcheck = NonNullable<ComposeService["healthcheck"]>;
type Dependency = ComposeService["depends_on"][string];

/** `healthcheck` of a service; an empty `test` is the image's own. */
export function readHealthcheck(place: Place): Healthcheck {
  const names = ["test", "interval", "timeout", "retries", "start_period", "disable"];
  const { test, interval, timeout, retries, start_period, disable } = readFields(place, "a mapping", names);
  const disabled = disable !== undefined && readBoolean(disable);
  return {
    test: disabled ? ["NONE"] : test === undefined ? [] : readTest(test),
    interval: interval === undefined ? "30s" : readDuration(interval),
    timeout: timeout === undefined ? "30s" : readDuration(timeout),
    retries: retries === undefined ? 3 : readInteger(retries),
    start_period: start_period === undefined ? "0s" : readDuration(start_period),
  };
}

function readTest(place: Place): string[] {
  if (place.kind !== "list") return ["CMD-SHELL", readText(place, "a test")];
  const [kind = "", ...rest] = readTexts(place);
  const fits =
    (kind === "NONE" && rest.length === 0) ||
    (kind === "CMD" && rest.length > 0) ||
    (kind === "CMD-SHELL" && rest.length === 1);
  if (!fits) throw place.expected('a test such as ["CMD", "curl", "-f", "http://localhost"] or ["CMD-SHELL", "…"]');
  return [kind, ...rest];
}

/** `depends_on` of a service: a list of names, or a mapping with conditions. */
export function readDependencies(place: Place, services: ReadonlySet<string>): ComposeService["depends_on"] {
  const named: [string, Place][] =
    place.kind === "list"
      ? place.items("a list").map((item) => [readText(item), item])
      : place.members("a list or a mapping of services");
  return Object.fromEntries(
    named.map(([name, value]) => {
      if (!services.has(name)) throw value.wrong(`there is no service ${name}${suggestion(name, services)}`);
      return [name, readDependency(value)];
    }),
  );
}

function readDependency(place: Place): Dependency {
  if (place.kind !== "mapping") return { condition: "service_started", required: true };
  const { condition, required } = readFields(place, "a mapping", ["condition", "required"]);
  if (condition === undefined) throw place.expected("a condition");
  return {
    condition: readOneOf(condition, ["service_started", "service_healthy"]),
    required: required === undefined || readBoolean(required),
  };
}

export const readRestart = (place: Place) => readOneOf(place, ["no", "always", "unless-stopped", "on-failure"]);

/** `deploy`: the limits in it. */
export function readLimits(place: Place): Pick<ComposeService, "mem_limit" | "cpus"> {
  const { resources } = readFields(place, "a mapping", ["resources"]);
  const { limits } = resources === undefined ? {} : readFields(resources, "a mapping", ["limits"]);
  const { memory, cpus } = limits === undefined ? {} : readFields(limits, "a mapping", ["memory", "cpus"]);
  return { ...(memory && { mem_limit: readBytes(memory) }), ...(cpus && { cpus: readDecimal(cpus) }) };
}
