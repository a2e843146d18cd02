import { suggestion } from "../nearest.ts";
import type { Place } from "../yaml-place.ts";
import type { ComposeService } from "./project.ts";
import { parseBytes } from "./units.ts";
import { readBoolean, readBytes, readFields, readMode, readOneOf, readText, readTextOrTexts } from "./values.ts";

type Mount = ComposeService["volumes"][number];
type Names = ReadonlySet<string>;

const SHORT_MOUNT = 'a mount such as "data:/var/lib/app" or "/etc/localtime:/etc/localtime:ro"';

/** `volumes` of a service. */
export const readMounts = (place: Place, volumes: Names): Mount[] =>
  place.items("a list of mounts").map((item) => {
    const mount = item.kind === "mapping" ? readLongMount(item) : readShortMount(item);
    if (!mount.target.startsWith("/")) throw item.expected("a target that is an absolute path");
    if (mount.type === "bind" && !mount.source?.startsWith("/")) {
      throw item.expected("a source that is an absolute path or the name of a volume");
    }
    if (mount.type === "volume" && mount.source !== undefined) known(item, "volume", mount.source, volumes);
    return mount;
  });

/** `tmpfs` of a service: `/run` or `/run:size=64m`. */
export const readTmpfs = (place: Place): Mount[] =>
  readTextOrTexts(place).map((item) => {
    const [, target, size] = /^(\/[^:]*)(?::size=(\w+))?$/.exec(readText(item)) ?? [];
    if (target === undefined) throw item.expected('a path such as "/run" or "/run:size=64m"');
    const tmpfs = size === undefined ? {} : { size: item.attempt(() => parseBytes(size)) };
    return { type: "tmpfs", target, read_only: false, tmpfs };
  });

/** `configs` of a service. */
export const readConfigs = (place: Place, configs: Names): ComposeService["configs"] =>
  place.items("a list of configs").map((item) => {
    if (item.kind !== "mapping") {
      const source = known(item, "config", readText(item), configs);
      return { source, target: `/${source}`, mode: DEFAULT_MODE };
    }
    const { source: name, target, mode } = readFields(item, "a config", ["source", "target", "mode"]);
    if (name === undefined) throw item.expected("a source");
    const source = known(name, "config", readText(name), configs);
    return {
      source,
      target: target === undefined ? `/${source}` : readText(target),
      mode: mode === undefined ? DEFAULT_MODE : readMode(mode),
    };
  });

const DEFAULT_MODE = 0o444;

function readShortMount(place: Place): Mount {
  const parts = readText(place, SHORT_MOUNT).split(":");
  if (parts.length > 3 || parts.includes("")) throw place.expected(SHORT_MOUNT);
  const [first = "", target, mode = "rw"] = parts;
  if (mode !== "rw" && mode !== "ro") throw place.expected('the access mode "rw" or "ro"');
  const read_only = mode === "ro";
  if (target === undefined) return { type: "volume", target: first, read_only };
  return { type: /^[/.~]/.test(first) ? "bind" : "volume", source: first, target, read_only };
}

function readLongMount(place: Place): Mount {
  const fields = readFields(place, SHORT_MOUNT, ["type", "source", "target", "read_only", "tmpfs"]);
  const { type, source, target, read_only, tmpfs } = fields;
  if (type === undefined || target === undefined) throw place.expected("type and target");
  const size = tmpfs && readFields(tmpfs, "a mapping", ["size"]).size;
  return {
    type: readOneOf(type, ["volume", "bind", "tmpfs"]),
    ...(source && { source: readText(source) }),
    target: readText(target),
    read_only: read_only !== undefined && readBoolean(read_only),
    ...(tmpfs && { tmpfs: size === undefined ? {} : { size: readBytes(size) } }),
  };
}

/** @throws {Problem} when nothing of that name is declared at the top of the file. */
function known(place: Place, what: string, name: string, names: Names): string {
  if (names.has(name)) return name;
  throw place.wrong(`${what} ${name} is not declared under ${what}s${suggestion(name, names)}`);
}
