import type { ComposeTemplate } from "../modules/manifest.ts";
import { type Place, parseYaml } from "../yaml-place.ts";
import { interpolate, type Variables } from "./interpolate.ts";
import type { ComposeProject } from "./project.ts";
import { type Declared, readService } from "./read-service.ts";
import { readBoolean, readFields, readText } from "./values.ts";

/**
 * Reads a Compose file into its normal form, with the variables filled into its values. What the normal form cannot
 * hold is refused, never passed over.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/spec.md
 * @throws {Problem} `compose_invalid` with file, line, path and what was expected there.
 */
export function readCompose(template: ComposeTemplate, variables: Variables): ComposeProject {
  const file = parseYaml({ ...template, code: "compose_invalid", fill: (text) => interpolate(text, variables) });
  const { services, networks, volumes, configs } = readFields(file, "a mapping with services", [
    "services",
    "networks",
    "volumes",
    "configs",
    "name",
    "version",
  ]);
  if (services === undefined) throw file.wrong("expected services");
  const project = {
    networks: Object.fromEntries(members(networks).map(([name, place]) => [name, readNetwork(place)])),
    volumes: members(volumes).map(([name, place]) => readVolume(name, place)),
    configs: Object.fromEntries(members(configs).map(([name, place]) => [name, readConfig(place)])),
  };
  const declared: Declared = {
    variables,
    services: new Set(members(services).map(([name]) => name)),
    networks: new Set([...Object.keys(project.networks), "default"]),
    volumes: new Set(project.volumes),
    configs: new Set(Object.keys(project.configs)),
  };
  const read = Object.fromEntries(members(services).map(([name, place]) => [name, readService(place, declared)]));
  const usesDefault = Object.values(read).some((service) => Object.hasOwn(service.networks, "default"));
  return {
    services: read,
    ...project,
    networks: usesDefault ? { default: { internal: false, external: false }, ...project.networks } : project.networks,
  };
}

/** Names of services, networks, volumes and configs; they become parts of host names and of names in the engine. */
const namePattern = /^[a-zA-Z0-9._-]+$/;

function members(place: Place | undefined): [string, Place][] {
  if (place === undefined || place.kind === "nothing") return [];
  const found = place.members("a mapping").filter(([name]) => !name.startsWith("x-"));
  for (const [name, member] of found) {
    if (!namePattern.test(name)) throw member.wrong(`expected a name of letters, digits, ".", "_" and "-"`);
  }
  return found;
}

function readNetwork(place: Place) {
  if (place.kind === "nothing") return { internal: false, external: false };
  const { internal, external } = readFields(place, "a mapping", ["internal", "external"]);
  return {
    internal: internal !== undefined && readBoolean(internal),
    external: external !== undefined && readBoolean(external),
  };
}

function readVolume(name: string, place: Place): string {
  if (place.kind !== "nothing") readFields(place, "nothing or a mapping", []);
  return name;
}

function readConfig(place: Place) {
  const { content } = readFields(place, "a mapping with content", ["content"]);
  if (content === undefined) throw place.expected("content");
  return { content: readText(content) };
}
