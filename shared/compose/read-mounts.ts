import type { Place } from "../yaml-place.ts";
import { absolutePath, type Context, type Reader } from "./context.ts";
import { cleanPath } from "./paths.ts";
import { boolean, bytes, fields, oneOf, present, refused, text } from "./readers.ts";
import { readFields, readInteger, readMode, readText } from "./values.ts";

const SHORT_MOUNT = 'a mount such as "data:/var/lib/app" or "/etc/localtime:/etc/localtime:ro"';
const SOURCE = "a source that is an absolute path or the name of a volume";
const propagations = ["shared", "rshared", "slave", "rslave", "private", "rprivate"];

type Members = Readonly<Record<string, unknown>>;

/** One of `volumes` of a service. */
export const mount: Reader = (place, context) => {
  const read = place.kind === "mapping" ? readLongMount(place, context) : readShortMount(place);
  const { type, source, target } = read;
  if (typeof target !== "string" || !target.startsWith("/")) throw place.expected("a target that is an absolute path");
  if (type === "tmpfs" && source !== undefined) throw place.expected("no source, because a tmpfs has none");
  if (type === "bind" && typeof source !== "string") throw place.expected(SOURCE);
  if (type === "volume" && typeof source === "string") context.refer({ kind: "volume", name: source, place });
  const from = type === "bind" && typeof source === "string" ? absolutePath(place, source, context, SOURCE) : source;
  return present(Object.entries({ ...read, source: from, target: cleanPath(target) }));
};

function readShortMount(place: Place): Members {
  const parts = readText(place, SHORT_MOUNT).split(":");
  if (parts.length > 3 || parts.includes("")) throw place.expected(SHORT_MOUNT);
  const [first = "", target, modes] = parts;
  if (target === undefined) return { type: "volume", target: first, volume: {} };
  const type = /^[/.~]/.test(first) ? "bind" : "volume";
  let own: Members = {};
  let read_only: true | undefined;
  for (const mode of modes?.split(",") ?? []) {
    if (mode === "ro") read_only = true;
    else if (mode === "nocopy" && type === "volume") own = { nocopy: true };
    else if (propagations.includes(mode) && type === "bind") own = { ...own, propagation: mode };
    else if ((mode === "z" || mode === "Z") && type === "bind") own = { ...own, selinux: mode };
    else if (mode !== "rw") throw place.expected('the access mode "rw" or "ro"');
  }
  return { type, source: first, target, read_only, [type]: own };
}

const readOnly: Reader = (place, context) => boolean(place, context) || undefined;

const longMount = fields({
  type: (place, context) =>
    readText(place) === "image" || readText(place) === "cluster" || readText(place) === "npipe"
      ? refused(`this engine has no mounts of the type ${readText(place)}`)(place, context)
      : oneOf("volume", "bind", "tmpfs")(place, context),
  source: text,
  target: text,
  read_only: readOnly,
  consistency: () => undefined,
  bind: fields({
    propagation: oneOf(...propagations),
    create_host_path: (place, context) => (boolean(place, context) ? undefined : false),
    selinux: oneOf("z", "Z"),
    recursive: refused("it needs a newer Docker Engine than the oldest that WOPR runs on"),
  }),
  volume: fields({
    nocopy: boolean,
    subpath: refused("it needs a newer Docker Engine than the oldest that WOPR runs on"),
    labels: refused("give the volume its labels under volumes"),
  }),
  tmpfs: fields({ size: bytes, mode: readMode }),
});

function readLongMount(place: Place, context: Context): Members {
  const { type, target } = readFields(place, SHORT_MOUNT, LONG_KEYS);
  if (type === undefined || target === undefined) throw place.expected("type and target");
  const read = longMount(place, context);
  const members = isRecord(read) ? read : {};
  for (const other of ["bind", "volume", "tmpfs"]) {
    if (other !== members.type && members[other] !== undefined) {
      throw place.find([other]).wrong(`${other} is of no use to a mount of the type ${members.type}`);
    }
  }
  return members;
}

const LONG_KEYS = ["type", "source", "target", "read_only", "consistency", "bind", "volume", "tmpfs"];

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** One of `tmpfs` of a service: `/run` or `/run:size=64m,mode=1777`. */
export const tmpfs: Reader = (place) => {
  const value = readText(place);
  if (!/^\/[^:]*(?::\w+(?:=[\w%]+)?(?:,\w+(?:=[\w%]+)?)*)?$/.test(value)) {
    throw place.expected('a path such as "/run" or "/run:size=64m"');
  }
  return value;
};

/** One of `configs` or `secrets` of a service. */
export const fileMount =
  (kind: "config" | "secret"): Reader =>
  (place, context) => {
    if (place.kind !== "mapping") {
      const source = readText(place);
      context.refer({ kind, name: source, place });
      return present([
        ["source", source],
        ["target", kind === "secret" ? `/run/secrets/${source}` : undefined],
      ]);
    }
    const { source, target, uid, gid, mode } = readFields(place, `a ${kind}`, [
      "source",
      "target",
      "uid",
      "gid",
      "mode",
    ]);
    if (source === undefined) throw place.expected("a source");
    context.refer({ kind, name: readText(source), place: source });
    return present([
      ["source", readText(source)],
      ["target", target ? readText(target) : kind === "secret" ? `/run/secrets/${readText(source)}` : undefined],
      ["uid", uid && String(readInteger(uid, "the number of a user"))],
      ["gid", gid && String(readInteger(gid, "the number of a group"))],
      ["mode", mode && `0${readMode(mode).toString(8)}`],
    ]);
  };

/** One of `devices` of a service: `/dev/ttyUSB0:/dev/ttyUSB1:rwm`. */
export const device: Reader = (place, context) => {
  if (place.kind === "mapping") {
    const read = fields({ source: text, target: text, permissions: text }, ["source"])(place, context);
    return isRecord(read) ? { target: read.source, ...read } : read;
  }
  const [source = "", target = source, permissions = "rwm", more] = readText(place).split(":");
  if (!source.startsWith("/") || !target.startsWith("/") || !/^[rwm]+$/.test(permissions) || more !== undefined) {
    throw place.expected('a device such as "/dev/ttyUSB0:/dev/ttyUSB1:rwm"');
  }
  return { source, target, permissions };
};
