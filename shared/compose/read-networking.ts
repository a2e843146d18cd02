import type { Place } from "../yaml-place.ts";
import type { Context, Reader } from "./context.ts";
import { fields, integer, mapOf, oneOf, present, refused, text, texts } from "./readers.ts";
import { readInteger, readText } from "./values.ts";

type Members = Readonly<Record<string, unknown>>;

const SHORT_PORT = 'a port such as "8080:80", "127.0.0.1:8080:80" or "53:53/udp"';
const shortPort =
  /^(?:(?:(?<address>\[[0-9a-fA-F:.]+\]|[0-9a-fA-F:.]+):)?(?<published>\d+(?:-\d+)?)?:)?(?<target>\d+(?:-\d+)?)(?:\/(?<protocol>tcp|udp))?$/;

const membership = fields({
  aliases: texts,
  ipv4_address: text,
  ipv6_address: text,
  link_local_ips: texts,
  mac_address: text,
  driver_opts: mapOf(text),
  priority: integer,
  gw_priority: refused("it needs a newer Docker Engine than the oldest that WOPR runs on"),
  interface_name: refused("it needs a newer Docker Engine than the oldest that WOPR runs on"),
});

/** `networks` of a service: a list of names, or a mapping that says how each is joined. */
export const networks: Reader = (place, context) => {
  const named: [string, Place][] =
    place.kind === "list"
      ? place.items("a list").map((item) => [readText(item), item])
      : place.members("a list or a mapping of networks");
  return Object.fromEntries(
    named.map(([name, value]) => {
      context.refer({ kind: "network", name, place: value });
      if (value.kind === "mapping") return [name, membership(value, context)];
      if (value.kind !== "nothing" && place.kind !== "list") throw value.expected("a mapping");
      return [name, null];
    }),
  );
};

/** `ports` of a service; a range becomes one entry a port. */
export const ports: Reader = (place, context) =>
  place
    .items("a list of ports")
    .flatMap((item) => (item.kind === "mapping" ? [longPort(item, context)] : readShortPort(item, context)));

function readShortPort(place: Place, context: Context): Members[] {
  const { groups } = shortPort.exec(readText(place, SHORT_PORT)) ?? {};
  if (groups?.target === undefined) throw place.expected(SHORT_PORT);
  const targets = portRange(place, groups.target);
  const published = groups.published === undefined ? undefined : portRange(place, groups.published);
  const count = targets.last - targets.first + 1;
  const isShared = published !== undefined && count === 1 && published.last > published.first;
  if (published !== undefined && !isShared && published.last - published.first !== count - 1) {
    throw place.expected("as many ports of the host as of the container");
  }
  context.countPorts(place, count);
  return Array.from({ length: count }, (_, index) =>
    present([
      ["mode", "ingress"],
      ["host_ip", groups.address?.replace(/^\[|\]$/g, "")],
      ["target", targets.first + index],
      ["published", isShared ? groups.published : published && String(published.first + index)],
      ["protocol", groups.protocol ?? "tcp"],
    ]),
  );
}

function portRange(place: Place, range: string): { first: number; last: number } {
  const [first = 0, last = first] = range.split("-").map(Number);
  if (first < 1 || last > 65535 || last < first) throw place.expected("ports from 1 to 65535");
  return { first, last };
}

const portNumber: Reader = (place) => {
  const port = readInteger(place, "a port from 1 to 65535");
  if (port < 1 || port > 65535) throw place.expected("a port from 1 to 65535");
  return port;
};

const PUBLISHED = 'a port of the host such as 8080, or several such as "8080-8090"';

const longPortFields = fields({
  name: text,
  mode: oneOf("ingress", "host"),
  host_ip: text,
  target: portNumber,
  published: (place) => {
    const range = /^\d+(?:-\d+)?$/.exec(readText(place, PUBLISHED))?.[0];
    if (range === undefined) throw place.expected(PUBLISHED);
    const { first, last } = portRange(place, range);
    return first === last ? String(first) : `${first}-${last}`;
  },
  protocol: oneOf("tcp", "udp"),
  app_protocol: text,
});

function longPort(place: Place, context: Context): Members {
  const read = longPortFields(place, context);
  if (place.find(["target"]).kind === "nothing") throw place.expected("a target");
  context.countPorts(place, 1);
  return { mode: "ingress", protocol: "tcp", ...(typeof read === "object" ? read : {}) };
}

/** One of `expose`. */
export const exposed: Reader = (place) => {
  const what = 'a port such as "80", "53/udp" or "8000-8002"';
  const value = readText(place, what);
  const range = /^(\d+(?:-\d+)?)(?:\/(?:tcp|udp))?$/.exec(value)?.[1];
  if (range === undefined) throw place.expected(what);
  portRange(place, range);
  return value;
};

/** `extra_hosts` as `host=address`. */
export const extraHosts: Reader = (place) => {
  if (place.kind === "mapping") {
    return place
      .members("a mapping")
      .flatMap(([host, value]) =>
        (value.kind === "list" ? value.items("a list") : [value]).map(
          (address) => `${host}=${unbracketed(readText(address))}`,
        ),
      );
  }
  return place.items("a list of host=address").map((item) => {
    const [, host, address] = /^([^=:]+)[=:](.+)$/.exec(readText(item)) ?? [];
    if (host === undefined || address === undefined) throw item.expected('a host such as "db=10.0.0.7"');
    return `${host}=${unbracketed(address)}`;
  });
};

const unbracketed = (address: string) => address.replace(/^\[(.*)\]$/, "$1");
