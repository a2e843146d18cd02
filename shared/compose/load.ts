import { type Place, parseYaml } from "../yaml-place.ts";
import type { Context } from "./context.ts";
import { readNamedFile } from "./context.ts";
import { parseEnvFile } from "./dotenv.ts";
import { interpolate, type Variables } from "./interpolate.ts";
import { folderOf, joinPath } from "./paths.ts";
import { readFields, readText, readTextOrTexts } from "./values.ts";

/** What one file says of one thing, not yet read. */
export interface Layer {
  /** Without what it resets. */
  readonly place: Place;
  readonly context: Context;
  /** Paths of what lower layers say in vain. */
  readonly hides: readonly string[];
}

export const sections = ["services", "networks", "volumes", "configs", "secrets"] as const;
export type Section = (typeof sections)[number];

/** Everything that is said of a project: for each thing what its files say, the earlier ones first. */
export interface Model {
  readonly name: Layer | undefined;
  readonly parts: { readonly [S in Section]: ReadonlyMap<string, readonly Layer[]> };
}

export interface SourceFile {
  /** As it stands in messages, and where `readFile` finds it. */
  readonly path: string;
  readonly text: string;
}

interface Opening {
  readonly context: Context;
  /** Files that include this one, for circles. */
  readonly includedBy: readonly string[];
  /** Counts files, so that files that include each other twice over come to an end. */
  readonly opened: { count: number };
}

const MOST_FILES = 200;
const MOST_NAMES = 1000;
const LONGEST_CHAIN = 50;

/**
 * Reads the files of a project one over the other, with all they include and extend.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/13-merge.md and 14-include.md
 * @throws {Problem} `compose_invalid`
 */
export const loadModel = (files: readonly SourceFile[], context: Context): Model =>
  loadFiles(files, { context, includedBy: [], opened: { count: 0 } });

const loadFiles = (files: readonly SourceFile[], opening: Opening): Model =>
  files.map((file) => loadFile(file, opening)).reduce(layOver, emptyModel());

function emptyModel(): Model {
  const none = new Map<string, Layer[]>();
  return { name: undefined, parts: { services: none, networks: none, volumes: none, configs: none, secrets: none } };
}

function openFile({ path, text }: SourceFile, { context, opened }: Opening): Place {
  const fill = (value: string) => interpolate(value, context.variables);
  const place = parseYaml({ path, text, code: "compose_invalid", mergeTags: true, fill });
  opened.count += 1;
  if (opened.count > MOST_FILES) throw place.wrong(`is one of more than ${MOST_FILES} files of this project`);
  return place;
}

function loadFile(file: SourceFile, opening: Opening): Model {
  const { context } = opening;
  const place = openFile(file, opening);
  const top = readFields(place, "a mapping with services", [...sections, "name", "version", "include"]);
  const included = top.include === undefined ? emptyModel() : loadIncludes(top.include, file, opening);
  const part = (section: Section): ReadonlyMap<string, readonly Layer[]> =>
    new Map([
      ...included.parts[section],
      ...named(top[section]).map(([name, member]): [string, Layer[]] => {
        const earlier = included.parts[section].get(name)?.[0];
        if (earlier !== undefined) {
          const hint = "Give one of them another name, or lay one file over the other instead of including it.";
          throw member.wrong(`${name} is declared in ${earlier.place.file} as well, which is included`, hint);
        }
        if (section !== "services") return [name, [ownLayer(member, context)]];
        return [name, serviceLayers({ name, service: member, file: place, opening, trail: [] })];
      }),
    ]);
  return {
    name: top.name && { place: top.name, context, hides: [] },
    parts: {
      services: part("services"),
      networks: part("networks"),
      volumes: part("volumes"),
      configs: part("configs"),
      secrets: part("secrets"),
    },
  };
}

/** Names of services, networks, volumes and configs; they become parts of host names and of names in the engine. */
const namePattern = /^[a-zA-Z0-9._-]+$/;

function named(place: Place | undefined): [string, Place][] {
  if (place === undefined || place.kind === "nothing") return [];
  const found = place.members("a mapping").filter(([name]) => !name.startsWith("x-"));
  if (found.length > MOST_NAMES) throw place.wrong(`holds more than ${MOST_NAMES} names`);
  for (const [name, member] of found) {
    if (!namePattern.test(name)) throw member.wrong(`expected a name of letters, digits, ".", "_" and "-"`);
  }
  return found;
}

function ownLayer(place: Place, context: Context): Layer {
  const marks = place.mergeMarks();
  const resets = marks.filter(({ tag }) => tag === "reset");
  return { place: place.hiding(resets.map(({ path }) => path)), context, hides: marks.map(({ path }) => path) };
}

/** Layers without what a layer above them resets or overrides. */
const under = (layers: readonly Layer[], above: Layer): Layer[] =>
  above.place.mergeTag === undefined
    ? layers.map((layer) => ({ ...layer, place: layer.place.hiding(above.hides) }))
    : [];

function layOver(below: Model, above: Model): Model {
  const part = (section: Section) => {
    const merged = new Map(below.parts[section]);
    for (const [name, layers] of above.parts[section]) {
      const top = layers.at(-1);
      const kept = top === undefined ? [] : under(merged.get(name) ?? [], top);
      if (top?.place.mergeTag === "reset") merged.delete(name);
      else merged.set(name, [...kept, ...layers]);
    }
    return merged;
  };
  return {
    name: above.name ?? below.name,
    parts: {
      services: part("services"),
      networks: part("networks"),
      volumes: part("volumes"),
      configs: part("configs"),
      secrets: part("secrets"),
    },
  };
}

interface Extending {
  readonly name: string;
  readonly service: Place;
  /** The whole file that the service stands in. */
  readonly file: Place;
  readonly opening: Opening;
  /** Services that extend this one, as `file: name`. */
  readonly trail: readonly string[];
}

/**
 * What a service says, over all that it extends.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends
 */
function serviceLayers({ name, service, file, opening, trail }: Extending): Layer[] {
  const { context } = opening;
  const own = ownLayer(service, context);
  if (service.kind !== "mapping") return [own];
  const place = service.find(["extends"]);
  if (place.kind === "nothing") return [own];
  const step = `${file.file}: ${name}`;
  const here = [...trail, step];
  if (trail.includes(step)) throw place.wrong(`services extend each other: ${here.join(" → ")}`);
  if (trail.length > LONGEST_CHAIN)
    throw place.wrong(`is the end of more than ${LONGEST_CHAIN} services that extend each other`);
  const given = place.kind === "mapping" ? readFields(place, "a mapping", ["service", "file"]) : { service: place };
  if (given.service === undefined) throw place.expected("a service");
  const wanted = readText(given.service);
  const other = given.file === undefined ? undefined : openExtended(given.file, opening);
  const from = other ?? { file, opening };
  const base = from.file.kind === "mapping" ? from.file.find(["services", wanted]) : undefined;
  if (base === undefined || base.kind === "nothing") {
    throw given.service.wrong(`there is no service ${wanted} in ${from.file.file}`);
  }
  return [...under(serviceLayers({ ...from, name: wanted, service: base, trail: here }), own), own];
}

/** Relative paths in a file that is extended begin at its own folder. */
function openExtended(place: Place, opening: Opening): { file: Place; opening: Opening } {
  const { path, text } = existing(place, opening.context);
  const context = { ...opening.context, directory: folderOf(path) };
  const there = { ...opening, context };
  return { file: openFile({ path, text }, there), opening: there };
}

function existing(place: Place, context: Context): SourceFile {
  const { path, text } = readNamedFile(place, readText(place, "a path"), context);
  if (text === undefined) throw place.wrong(`there is no file ${path}`);
  return { path, text };
}

function loadIncludes(place: Place, file: SourceFile, opening: Opening): Model {
  return place
    .items("a list of Compose files")
    .map((item) => loadInclude(item, file, opening))
    .reduce(layOver, emptyModel());
}

function loadInclude(item: Place, file: SourceFile, opening: Opening): Model {
  const { context } = opening;
  const given =
    item.kind === "mapping" ? readFields(item, "a mapping", ["path", "project_directory", "env_file"]) : { path: item };
  if (given.path === undefined) throw item.expected("a path");
  const files = readTextOrTexts(given.path).map((path) => existing(path, context));
  const [first] = files;
  if (first === undefined) throw given.path.expected("a path");
  const here = context.directory === undefined ? file.path : joinPath(context.directory, file.path);
  const includedBy = [...opening.includedBy, here];
  for (const { path } of files) {
    if (includedBy.includes(path)) throw item.wrong(`files include each other: ${[...includedBy, path].join(" → ")}`);
  }
  const folder = given.project_directory;
  const directory = folder === undefined ? folderOf(first.path) : readNamedFile(folder, readText(folder), context).path;
  const variables = { ...includedVariables(given.env_file, directory, context), ...context.variables };
  return loadFiles(files, { ...opening, includedBy, context: { ...context, directory, variables } });
}

/** Variables of the project that includes stand over them. */
function includedVariables(place: Place | undefined, directory: string, context: Context): Variables {
  const path = `${directory}/.env`;
  const preset = context.readFile?.(path);
  const files =
    place !== undefined
      ? readTextOrTexts(place).map((item) => existing(item, context))
      : preset === undefined
        ? []
        : [{ path, text: preset }];
  const read = files.flatMap((file) => Object.entries(parseEnvFile({ ...file, variables: context.variables })));
  return Object.fromEntries(read.flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}
