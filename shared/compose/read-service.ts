import { suggestion } from "../nearest.ts";
import { parseOr } from "../problem.ts";
import type { Place } from "../yaml-place.ts";
import { attributes, passedOver, refusedAttributes } from "./attributes.ts";
import type { Layer } from "./load.ts";
import { isMembers, type Members, mergeMembers } from "./merge.ts";
import { envFiles, labelFiles } from "./read-environment.ts";
import { ComposeService } from "./service.ts";

/**
 * One service from what all its files say of it.
 * @throws {Problem} `compose_invalid`
 */
export function readService(layers: readonly Layer[]): ComposeService {
  const top = layers.at(-1)?.place;
  if (top === undefined) throw new TypeError("a service that no file speaks of");
  const said = layers.map(readLayer).reduce((below, above) => mergeMembers(below, above), {});
  const members = withImplied({ ...said, ...withFiles(layers, said) });
  if (typeof members.image !== "string" || members.image === "") throw top.wrong("expected an image");
  if (said.network_mode !== undefined && said.networks !== undefined) {
    throw top.wrong("network_mode and networks exclude each other");
  }
  const service = top.attempt(() => parseOr(ComposeService, members, "this service", "compose_invalid"));
  checkLimits(service, top);
  return service;
}

const known = [...Object.keys(attributes), ...passedOver];

function readLayer({ place, context }: Layer): Members {
  const read = place.members("a mapping with an image").flatMap(([name, value]): [string, unknown][] => {
    if (name === "develop") context.note(value, "is about the work on an image, and has no effect here");
    if (name === "container_name") context.note(value, "is an alias on the networks; WOPR names containers itself");
    if (name.startsWith("x-") || passedOver.has(name)) return [];
    const refusal = Object.hasOwn(refusedAttributes, name) ? refusedAttributes[name] : undefined;
    refusal?.(value, context);
    const reader = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (reader === undefined) throw value.wrong(`${name} is not known in a service${suggestion(name, known)}`);
    return value.kind === "nothing" ? [] : [[name, reader(value, context)]];
  });
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

/** What `env_file` and `label_file` say stands below what the file itself says. */
function withFiles(layers: readonly Layer[], said: Members): Members {
  const inFiles = layers.map(({ place, context }) => {
    const env = place.find(["env_file"]);
    const label = place.find(["label_file"]);
    return {
      ...(env.kind === "nothing" ? {} : { environment: envFiles(env, context) }),
      ...(label.kind === "nothing" ? {} : { labels: labelFiles(label, context) }),
    };
  });
  const below = inFiles.reduce<Members>((before, now) => mergeMembers(before, now), {});
  return Object.fromEntries(
    Object.entries(below).map(([name, values]) => {
      const above = Object.entries(isMembers(said[name]) ? said[name] : {});
      return [
        name,
        { ...(isMembers(values) ? values : {}), ...Object.fromEntries(above.filter(([, value]) => value !== null)) },
      ];
    }),
  );
}

/** What follows from what is said. */
function withImplied(members: Members): Members {
  const shared = ["network_mode", "ipc", "pid"].flatMap((name) => {
    const service = /^service:(.+)$/.exec(String(members[name] ?? ""))?.[1];
    return service === undefined ? [] : [service];
  });
  const started = { condition: "service_started", restart: true, required: true };
  const dependencies = {
    ...Object.fromEntries(shared.map((service) => [service, started])),
    ...(isMembers(members.depends_on) ? members.depends_on : {}),
  };
  const joined = isMembers(members.networks) && Object.keys(members.networks).length > 0;
  return {
    ...members,
    command: members.command ?? null,
    entrypoint: members.entrypoint ?? null,
    ...(Object.keys(dependencies).length === 0 ? {} : { depends_on: dependencies }),
    ...(joined || members.network_mode !== undefined ? {} : { networks: { default: null } }),
  };
}

/** The same limit can be said in two places of a service; it must be the same then. */
function checkLimits({ deploy, mem_limit, cpus, pids_limit, scale }: ComposeService, place: Place): void {
  const limits = deploy?.resources?.limits;
  const twice: readonly (readonly [string, unknown, string, unknown])[] = [
    ["mem_limit", mem_limit, "deploy.resources.limits.memory", limits?.memory],
    ["cpus", cpus, "deploy.resources.limits.cpus", limits?.cpus],
    ["pids_limit", pids_limit, "deploy.resources.limits.pids", limits?.pids],
    ["scale", scale, "deploy.replicas", deploy?.replicas],
  ];
  for (const [name, here, other, there] of twice) {
    if (here !== undefined && there !== undefined && here !== there) {
      throw place.wrong(`${name} and ${other} say different things`);
    }
  }
}
