import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { limitMemory, parseMeminfo, readMemory } from "#agent/observe/memory.ts";
import { parsePorts, readPorts } from "#agent/observe/ports.ts";
import { attribute } from "#agent/observe.ts";

const portOf = (address: string | { port: number } | null) =>
  typeof address === "object" && address !== null ? address.port : 0;

describe("ports", () => {
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17 1",
    "   1: 0100007F:D431 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 18 1",
    "   2: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 0 0 0 0 0 19 1",
    "",
  ].join("\n");

  test("only those that somebody listens on", () => {
    expect(parsePorts(table, "tcp")).toEqual([
      { port: 8080, protocol: "tcp" },
      { port: 443, protocol: "tcp" },
    ]);
    expect(parsePorts(table, "udp")).toEqual([]);
    expect(parsePorts("", "tcp")).toEqual([]);
  });

  test("a real listener is found, TCP and UDP, IPv4 and IPv6", async () => {
    const [tcp, tcp6, udp] = [createServer(), createServer(), createSocket("udp4")];
    tcp.listen(0, "127.0.0.1");
    tcp6.listen(0, "::1");
    udp.bind(0, "127.0.0.1");
    await Promise.all([once(tcp, "listening"), once(tcp6, "listening"), once(udp, "listening")]);
    const ports = await readPorts();
    expect(ports).toEqual(
      expect.arrayContaining([
        { port: portOf(tcp.address()), protocol: "tcp" },
        { port: portOf(tcp6.address()), protocol: "tcp" },
        { port: udp.address().port, protocol: "udp" },
      ]),
    );
    tcp.close();
    tcp6.close();
    udp.close();
  });

  test("our own containers' ports have the name of the instance, listened on or not", () => {
    const listening = [
      { port: 80, protocol: "tcp" },
      { port: 22, protocol: "tcp" },
    ] as const;
    const containers = [{ instance: "caddy", ports: [listening[0], { port: 53, protocol: "udp" } as const] }];
    expect(attribute(listening, containers)).toEqual([
      { port: 80, protocol: "tcp", instance: "caddy" },
      { port: 22, protocol: "tcp" },
      { port: 53, protocol: "udp", instance: "caddy" },
    ]);
  });
});

describe("memory", () => {
  test("is in bytes", () => {
    expect(parseMeminfo("MemTotal:       1024 kB\nMemFree: 1 kB\nMemAvailable:    512 kB\n")).toEqual({
      totalBytes: 1_048_576,
      availableBytes: 524_288,
    });
  });

  test("a control group's limit counts when it is lower", () => {
    const memory = { totalBytes: 1000, availableBytes: 800 };
    expect(limitMemory(memory, { limitBytes: 500, usedBytes: 100 })).toEqual({ totalBytes: 500, availableBytes: 400 });
    expect(limitMemory(memory, { limitBytes: 500, usedBytes: 600 })).toEqual({ totalBytes: 500, availableBytes: 0 });
    expect(limitMemory(memory, { limitBytes: 2 ** 62, usedBytes: 1 })).toBe(memory);
    expect(limitMemory(memory, undefined)).toBe(memory);
  });

  test("of this machine can be read", async () => {
    const { totalBytes, availableBytes } = await readMemory();
    expect(totalBytes).toBeGreaterThan(2 ** 28);
    expect(availableBytes).toBeGreaterThan(0);
    expect(availableBytes).toBeLessThanOrEqual(totalBytes);
  });
});
