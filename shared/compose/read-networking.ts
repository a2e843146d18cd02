import { suggestion } from "../nearest.ts";
import type { Place } from "../yaml-place.ts";
import type { ComposeService } from "./project.ts";
import { readFields, readInteger, readOneOf, readText, readTexts } from "./values.ts";

type Port = ComposeService["ports"][number];

const SHORT_PORT = 'a port such as "8080:80", "127.0.0.1:8080:80" or "53:53/udp"';
const shortPort =
  /^(?:(?:(?<address>\[[0-9a-fA-F:.]+\]|[0-9a-fA-F:.]+):)?(?<published>\d+(?:-\d+)?):)?(?<target>\d+(?:-\d+)?)(?:\/(?<protocol>tcp|udp))?$/;

/** `networks` of a service: a list of names, or a mapping with aliases. */
export function readNetworks(place: Place, networks: ReadonlySet<string>): ComposeService["networks"] {
  const named: [string, Place][] =
    place.kind === "list"
      ? place.items("a list").map((item) => [readText(item), item])
      : place.members("a list or a mapping of networks");
  return Object.fromEntries(
    named.map(([name, value]) => {
      if (!networks.has(name)) {
        throw value.wrong(`network ${name} is not declared under networks${suggestion(name, networks)}`);
      }
      const aliases = value.kind === "mapping" ? readFields(value, "a mapping", ["aliases"]).aliases : undefined;
      return [name, { aliases: aliases === undefined ? [] : readTexts(aliases) }];
    }),
  );
}

/** `ports` of a service; a range becomes one entry a port. */
export const readPorts = (place: Place): Port[] =>
  place
    .items("a list of ports")
    .flatMap((item) => (item.kind === "mapping" ? [readLongPort(item)] : readShortPort(item)));

function readShortPort(place: Place): Port[] {
  const { groups } = shortPort.exec(readText(place, SHORT_PORT)) ?? {};
  if (groups?.target === undefined) throw place.expected(SHORT_PORT);
  const targets = portRange(place, groups.target);
  const published = groups.published === undefined ? [] : portRange(place, groups.published);
  if (published.length > 0 && published.length !== targets.length) {
    throw place.expected("as many ports of the host as of the container");
  }
  return targets.map((target, index) => ({
    target,
    ...(published[index] === undefined ? {} : { published: published[index] }),
    ...(groups.address === undefined ? {} : { host_ip: groups.address.replace(/^\[|\]$/g, "") }),
    protocol: groups.protocol === "udp" ? "udp" : "tcp",
  }));
}

function portRange(place: Place, text: string): number[] {
  const [first = 0, last = first] = text.split("-").map(Number);
  if (first < 1 || last > 65535 || last < first) throw place.expected("ports from 1 to 65535");
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function readLongPort(place: Place): Port {
  const fields = readFields(place, SHORT_PORT, ["target", "published", "host_ip", "protocol"]);
  const { target, published, host_ip, protocol } = fields;
  if (target === undefined) throw place.expected("a target");
  return {
    target: readPort(target),
    ...(published && { published: readPort(published) }),
    ...(host_ip && { host_ip: readText(host_ip) }),
    protocol: protocol === undefined ? "tcp" : readOneOf(protocol, ["tcp", "udp"]),
  };
}

function readPort(place: Place): number {
  const port = readInteger(place, "a port from 1 to 65535");
  if (port < 1 || port > 65535) throw place.expected("a port from 1 to 65535");
  return port;
}

/** `extra_hosts` as `host:address`, the form of the Docker Engine API. */
export function readExtraHosts(place: Place): string[] {
  if (place.kind === "mapping") {
    return place.members("a mapping").map(([host, address]) => `${host}:${unbracketed(readText(address))}`);
  }
  return place.items("a list of host=address").map((item) => {
    const [, host, address] = /^([^=:]+)[=:](.+)$/.exec(readText(item)) ?? [];
    if (host === undefined || address === undefined) throw item.expected('a host such as "db=10.0.0.7"');
    return `${host}:${unbracketed(address)}`;
  });
}

const unbracketed = (address: string) => address.replace(/^\[(.*)\]$/, "$1");
