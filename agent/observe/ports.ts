import { readFile } from "node:fs/promises";
import type { ObservedPort } from "#shared/observed.ts";

type Port = Pick<ObservedPort, "port" | "protocol">;

/** `TCP_LISTEN`, and `TCP_CLOSE`, which a UDP socket without a peer shows: include/net/tcp_states.h of Linux. */
const listening = { tcp: "0A", udp: "07" } as const;

/**
 * Ports that somebody listens on, out of a table like `/proc/net/tcp`.
 * Source: https://docs.kernel.org/networking/proc_net_tcp.html
 */
export const parsePorts = (table: string, protocol: Port["protocol"]): Port[] =>
  table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local, , state] = line.trim().split(/\s+/);
      const port = Number.parseInt(local?.split(":")[1] ?? "", 16);
      return state === listening[protocol] && port > 0 ? [{ port, protocol }] : [];
    });

/** Every port of this machine that somebody listens on, each once. */
export async function readPorts(): Promise<Port[]> {
  const files = ["tcp", "tcp6", "udp", "udp6"] as const;
  const tables = await Promise.all(
    files.map(async (file) => {
      // Without IPv6 in the kernel two of them are absent.
      const table = await readFile(`/proc/net/${file}`, "utf8").catch(() => "");
      return parsePorts(table, file === "tcp" || file === "tcp6" ? "tcp" : "udp");
    }),
  );
  return [...new Map(tables.flat().map((port) => [`${port.port}/${port.protocol}`, port])).values()];
}
