/** Parts of a project in normal form, before a schema has looked at them. */
export type Members = Readonly<Record<string, unknown>>;

export const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What tells two items of a list apart; an item replaces the one before it that is the same by this. */
type Identity = (item: unknown) => unknown;

const member = (item: unknown, name: string) => (isMembers(item) ? item[name] : undefined);
const itself: Identity = (item) => item;
const byTarget: Identity = (item) => member(item, "target");
const bySource =
  (folder: string): Identity =>
  (item) =>
    member(item, "target") ?? `${folder}/${member(item, "source")}`;
const byPort: Identity = (item) =>
  ["host_ip", "published", "target", "protocol"].map((name) => member(item, name)).join();
const withoutOptions: Identity = (item) => String(item).split(":")[0];
const beforeEquals: Identity = (item) => String(item).split("=")[0];

/** Lists whose items replace each other. All other lists grow. */
const identities: Readonly<Record<string, Identity>> = {
  cap_add: itself,
  cap_drop: itself,
  configs: bySource(""),
  devices: byTarget,
  dns: itself,
  dns_opt: itself,
  dns_search: itself,
  expose: itself,
  extra_hosts: itself,
  ports: byPort,
  profiles: itself,
  secrets: bySource("/run/secrets"),
  security_opt: itself,
  tmpfs: withoutOptions,
  volumes: byTarget,
  "networks.*.aliases": itself,
  storage_opt: beforeEquals,
};

/** Lists that are one value. */
const whole: ReadonlySet<string> = new Set(["command", "entrypoint", "healthcheck.test"]);

/**
 * Lays what a later file says over what earlier ones said: mappings are joined, lists grow or have their items replaced,
 * single values are replaced.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/13-merge.md
 */
export function mergeMembers(below: Members, above: Members, path = ""): Members {
  if (path === "logging" && below.driver !== undefined && above.driver !== undefined && below.driver !== above.driver) {
    return above;
  }
  const merged = Object.entries(above).map(([name, value]) => {
    const here = path === "" ? name : path === "networks" ? "networks.*" : `${path}.${name}`;
    return [name, mergeValue(Object.hasOwn(below, name) ? below[name] : undefined, value, here)] as const;
  });
  return Object.fromEntries([...Object.entries(below), ...merged]);
}

function mergeValue(below: unknown, above: unknown, path: string): unknown {
  if (isMembers(below) && isMembers(above)) return mergeMembers(below, above, path);
  if (isMembers(below) && above === null && path === "networks.*") return below;
  if (Array.isArray(above)) {
    const all: unknown[] = whole.has(path) || !Array.isArray(below) ? above : [...below, ...above];
    return distinct(all, path);
  }
  return above;
}

function distinct(items: readonly unknown[], path: string): readonly unknown[] {
  const identity = Object.hasOwn(identities, path) ? identities[path] : undefined;
  return identity === undefined ? items : [...new Map(items.map((item) => [identity(item), item])).values()];
}
