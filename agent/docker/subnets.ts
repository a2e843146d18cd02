/** Where networks go when the engine has no more room: hardly anybody's private network, and 256 networks of 254 addresses. */
const POOL = { first: 10, second: 213 };

interface Range {
  readonly from: number;
  readonly to: number;
}

const ADDRESSES = 2 ** 32;

function rangeOf(cidr: string): Range | undefined {
  const [, a, b, c, d, bits] = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr)?.map(Number) ?? [];
  if (a === undefined || b === undefined || c === undefined || d === undefined || bits === undefined) return undefined;
  const size = ADDRESSES / 2 ** bits;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const from = address - (address % size);
  return { from, to: from + size - 1 };
}

/**
 * A subnet of 254 addresses that overlaps with none of these; undefined when all are taken.
 * @param taken IPv4 ranges as `address/bits`; what is none is passed over
 */
export function freeSubnet(taken: readonly string[]): string | undefined {
  const ranges = taken.flatMap((cidr) => rangeOf(cidr) ?? []);
  const subnets = Array.from({ length: 256 }, (_subnet, third) => `${POOL.first}.${POOL.second}.${third}.0/24`);
  return subnets.find((subnet) => {
    const wanted = rangeOf(subnet);
    return wanted !== undefined && ranges.every(({ from, to }) => to < wanted.from || from > wanted.to);
  });
}

/**
 * Where this machine has routes to, but for the default one: `/proc/net/route` has destination and mask in its second and eighth
 * column, hexadecimal with the last byte first (proc_pid_net(5)).
 */
export function routedSubnets(route: string): string[] {
  return route
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, destination = "", , , , , , mask = ""] = line.split(/\s+/);
      if (destination.length !== 8 || mask.length !== 8 || mask === "00000000") return [];
      const address = Buffer.from(destination, "hex").reverse().join(".");
      const bits = [...Buffer.from(mask, "hex")].reduce(
        (count, byte) => count + byte.toString(2).replaceAll("0", "").length,
        0,
      );
      return [`${address}/${bits}`];
    });
}
