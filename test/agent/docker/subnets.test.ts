// @module-tag docker
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freeSubnet, routedSubnets } from "#agent/docker/subnets.ts";
import { createDocker } from "#agent/docker.ts";
import { leftIn, removeScope, uniqueScope } from "./engine.ts";
import { CREATED_BY, inspect, problemOf, socketPath } from "./with-docker.ts";

describe("a free subnet", () => {
  it("is the first that overlaps with nothing", () => {
    expect(freeSubnet([])).toBe("10.213.0.0/24");
    expect(freeSubnet(["10.213.0.0/24", "10.213.1.128/25", "172.17.0.0/16", "fd00::/64"])).toBe("10.213.2.0/24");
    expect(freeSubnet(["10.213.0.0/17"])).toBe("10.213.128.0/24");
  });

  it("is not there when a network holds them all", () => {
    expect(freeSubnet(["10.0.0.0/8"])).toBeUndefined();
    expect(freeSubnet(["0.0.0.0/0"])).toBeUndefined();
  });

  it("keeps clear of the machine's own routes, of which the default one is none", () => {
    const route = [
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
      "eth0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
      "eth0\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
      "ens10\t0000D50A\t00000000\t0001\t0\t0\t0\t00FEFFFF\t0\t0\t0",
      "",
    ].join("\n");
    expect(routedSubnets(route)).toEqual(["192.168.2.0/24", "10.213.0.0/23"]);
    expect(freeSubnet(routedSubnets(route))).toBe("10.213.2.0/24");
  });
});

/** The engine, which says that its own pools are used up. */
async function exhaustedEngine(socket: string) {
  const asked: unknown[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const body = Buffer.concat(await incoming.toArray());
    if (method === "POST" && path?.includes("/networks/create")) {
      const wanted = JSON.parse(body.toString());
      asked.push(wanted.IPAM?.Config);
      if (wanted.IPAM === undefined) {
        const message =
          "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network";
        return outgoing.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify({ message }));
      }
    }
    const onward = request({ socketPath, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    return onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return { asked, stop: () => new Promise((resolve) => server.close(resolve)) };
}

describe("an engine whose address pools are used up", () => {
  it("is given a subnet for each network, and refuses what asks for an address pool of its own that is taken", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wopr-subnets-"));
    const scope = uniqueScope();
    const engine = await exhaustedEngine(join(folder, "docker.sock"));
    const docker = createDocker({ socketPath: join(folder, "docker.sock"), scope });
    try {
      for (const network of ["edge", "data"])
        await docker.networks.create({ network, internal: false, createdBy: CREATED_BY });
      const { networks } = await leftIn(scope);
      const subnets = await Promise.all(networks.map(async (name) => (await inspect(name)).IPAM.Config[0].Subnet));
      expect(subnets).toEqual([expect.stringMatching(/^10\.213\./), expect.stringMatching(/^10\.213\./)]);
      expect(new Set(subnets).size).toBe(2);
      expect(engine.asked).toHaveLength(4);
      const ipam = { pools: [{ subnet: subnets[0] }] };
      const refused = await problemOf(
        docker.networks.create({ network: "mine", internal: false, ipam, createdBy: CREATED_BY }),
      );
      expect(refused.message).toContain("overlaps");
    } finally {
      await removeScope(scope);
      await engine.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
