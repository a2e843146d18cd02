import { parseOr } from "../problem.ts";
import type { Context, Reader } from "./context.ts";
import { absolutePath, readNamedFile } from "./context.ts";
import type { Layer } from "./load.ts";
import { isMembers, type Members, mergeMembers } from "./merge.ts";
import { ComposeProject } from "./project.ts";
import { boolean, fields, flag, listOf, mapOf, pairs, refused, text } from "./readers.ts";
import { readText } from "./values.ts";

/** `true`, or the old way to say so together with the name. */
const external: Reader = (place, context) =>
  place.kind === "mapping" ? fields({ name: text })(place, context) : boolean(place, context) || undefined;

const network = fields({
  name: text,
  driver: text,
  driver_opts: mapOf(text),
  ipam: fields({
    driver: text,
    config: listOf(fields({ subnet: text, ip_range: text, gateway: text, aux_addresses: pairs })),
    options: mapOf(text),
  }),
  external,
  internal: flag,
  attachable: flag,
  enable_ipv4: boolean,
  enable_ipv6: boolean,
  labels: pairs,
});

const volume = fields({ name: text, driver: text, driver_opts: mapOf(text), external, labels: pairs });

/** Path of a file that the project names: absolute, and there to be read. */
const filePath: Reader = (place, context) =>
  context.readFile === undefined
    ? readNamedFile(place, readText(place), context).path
    : absolutePath(place, readText(place), context, "a path");

const CLUSTERS = "it is for clusters, and a beacon is one machine";
const fileObject = {
  name: text,
  file: filePath,
  environment: text,
  external,
  labels: pairs,
  template_driver: refused(CLUSTERS),
};

const config = fields({ ...fileObject, content: text });
const secret = fields({ ...fileObject, driver: refused(CLUSTERS), driver_opts: refused(CLUSTERS) });

const SOURCES = ["content", "file", "environment", "external"];
const ONE_SOURCE = "one of content, file, environment and external";

/** Several layers of one thing, with the name that the engine knows it by. */
function merged(layers: readonly Layer[], reader: Reader, named: Named): Members {
  const said = layers
    .map(({ place, context }) => (place.kind === "nothing" ? {} : reader(place, context)))
    .reduce<Members>((below, above) => mergeMembers(below, isMembers(above) ? above : {}), {});
  const old = isMembers(said.external) ? said.external.name : undefined;
  const isExternal = said.external !== undefined;
  return {
    ...said,
    ...(isExternal ? { external: true } : {}),
    name: said.name ?? old ?? (isExternal ? named.key : `${named.project}_${named.key}`),
  };
}

interface Named {
  readonly key: string;
  readonly project: string;
}

type Layers = ReadonlyMap<string, readonly Layer[]>;
type Resources = Pick<ComposeProject, "networks" | "volumes" | "configs" | "secrets">;
const Resources = ComposeProject.pick({ networks: true, volumes: true, configs: true, secrets: true });

/** @throws {Problem} `compose_invalid` */
export function readResources(parts: Readonly<Record<keyof Resources, Layers>>, project: string): Resources {
  const read = (layers: Layers, reader: Reader, check: (layer: Layer, members: Members) => Members) =>
    Object.fromEntries(
      [...layers].map(([key, all]) => {
        const members = merged(all, reader, { key, project });
        const top = all.at(-1);
        return [key, top === undefined ? members : check(top, members)];
      }),
    );
  return parseOr(
    Resources,
    {
      networks: read(parts.networks, network, (layer, members) => ({ ipam: {}, ...checkExternal(layer, members) })),
      volumes: read(parts.volumes, volume, checkExternal),
      configs: read(parts.configs, config, checkSource),
      secrets: read(parts.secrets, secret, checkSource),
    },
    "the project",
    "compose_invalid",
  );
}

/** What somebody else made is as they made it. */
function checkExternal({ place }: Layer, members: Members): Members {
  const other = Object.keys(members).find((name) => name !== "external" && name !== "name");
  if (members.external !== true || other === undefined) return members;
  throw place.wrong(`external and ${other} exclude each other: what others made is as they made it`);
}

function checkSource({ place, context }: Layer, members: Members): Members {
  const given = SOURCES.filter((name) => members[name] !== undefined);
  if (given.length !== 1) throw place.wrong(`expected ${ONE_SOURCE}, found ${given.join(" and ") || "none"}`);
  const { environment } = members;
  if (typeof environment === "string") checkVariable(environment, { place, context });
  return members;
}

function checkVariable(name: string, { place, context }: { place: Layer["place"]; context: Context }): void {
  if (Object.hasOwn(context.variables, name)) return;
  throw place.find(["environment"]).wrong(`variable ${name} is not set`, "Set it where the project is started.");
}
