import type { HostFiles } from "./host-files.ts";
import { type Meter, round2 } from "./meter.ts";
import { createRates } from "./rates.ts";

export interface NetworkCounters {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Packets that came or went with an error, or not at all for want of room. */
  readonly errors: number;
}

/** Interfaces whose bytes pass through another one as well: containers', bridges, tunnels, bundles. */
const INNER = /^(lo|veth|docker|br-|virbr|cni|flannel|ifb|dummy|wg|tun|tap|bond|team)/;

/** Interfaces of the machine that lead out of it. */
export const outerInterface = (name: string) => !INNER.test(name);

/**
 * `/proc/net/dev`: after the name eight columns received and eight sent: bytes, packets, errors, drops first. Old
 * kernels write no space after the colon.
 * @param counts Whether to count an interface, by its name.
 */
export function parseNetworkCounters(dev: string, counts: (name: string) => boolean): NetworkCounters {
  const total = { receivedBytes: 0, sentBytes: 0, errors: 0 };
  for (const [, name, columns] of dev.matchAll(/^ *([^\s|]+?): *(\d[\d ]*)$/gm)) {
    if (name === undefined || columns === undefined || !counts(name)) continue;
    const numbers = columns.split(/ +/).map(Number);
    total.receivedBytes += numbers[0] ?? 0;
    total.sentBytes += numbers[8] ?? 0;
    for (const column of [2, 3, 10, 11]) total.errors += numbers[column] ?? 0;
  }
  return total;
}

export function createNetworkMeter(files: HostFiles): Meter {
  const rates = createRates();
  return (atMs) => {
    const { receivedBytes, sentBytes, errors } = parseNetworkCounters(
      files.read("/proc/net/dev") ?? "",
      outerInterface,
    );
    const received = rates.perSecond("received", receivedBytes, atMs);
    const sent = rates.perSecond("sent", sentBytes, atMs);
    const failed = rates.perSecond("errors", errors, atMs);
    if (received === undefined || sent === undefined) return {};
    return {
      network_received_bytes_per_second: Math.round(received),
      network_sent_bytes_per_second: Math.round(sent),
      network_errors_per_second: round2(failed ?? 0),
    };
  };
}
