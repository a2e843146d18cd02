import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cloudflareDns } from "#hub/dns/cloudflare.ts";
import { zoneContract } from "#test/contracts/dns.ts";
import {
  type Cloudflare,
  type CloudflareOptions,
  cloudflareTooOften,
  startCloudflare,
} from "#test/simulators/cloudflare.ts";
import { hasContracts } from "#test/simulators/contract.ts";
import { dnsTools } from "./dns-tools.ts";
import { startNameServers } from "./name-servers.ts";

const zone = "beacons.example";
const token = "token-that-is-forty-characters-long-0000";

describe.skipIf(!hasContracts())("Cloudflare", () => {
  zoneContract("Cloudflare", async () => {
    const servers = await startNameServers(zone, ["127.0.0.1"]);
    const publish: CloudflareOptions["publish"] = (...set) => servers.first.publish(zone, ...set);
    const simulator = await startCloudflare({ token, zone, publish });
    return {
      zone,
      simulator,
      secret: token,
      open: (credentials) =>
        cloudflareDns.open(
          { apiToken: credentials === "right" ? token : token.replace("forty", "fifty") },
          dnsTools(`${simulator.url}/client/v4`, servers.openResolver),
        ),
      records: async () => simulator.records(),
      put: simulator.put,
      tooOften: cloudflareTooOften,
      stop: async () => {
        await simulator.stop();
        await servers.stop();
      },
    };
  });

  describe("over its simulator", () => {
    let simulator: Cloudflare;
    beforeAll(async () => {
      simulator = await startCloudflare({ token, zone, publish: async () => undefined });
    });
    afterAll(() => simulator.stop());
    const open = (apiToken = token) => cloudflareDns.open({ apiToken }, dnsTools(`${simulator.url}/client/v4`));
    const writesOf = () => simulator.requests.filter(({ method }) => method !== "GET").map(({ method }) => method);

    test("no name is without an address at any moment of a change", async () => {
      await open().ensure(`ada.${zone}`, ["192.0.2.1", "192.0.2.2"]);
      const before = writesOf().length;
      await open().ensure(`ada.${zone}`, ["192.0.2.3"]);
      // For each of the two names: one record is changed in its place, then the other one goes.
      expect(writesOf().slice(before)).toEqual(["PUT", "DELETE", "PUT", "DELETE"]);
    });

    test("what is listed is in as many pages as it takes, and carries our comment", async () => {
      const theirs = Array.from({ length: 1100 }, (_, nth) => `theirs${nth}.${zone}`);
      for (const name of theirs) for (const one of [name, `*.${name}`]) await simulator.put(one, "A", ["192.0.2.1"]);
      await open().ensure(`zoe.${zone}`, ["192.0.2.1"]);
      const before = simulator.requests.length;
      expect((await open().list(zone)).map(({ domain }) => domain)).toContain(`zoe.${zone}`);
      expect(simulator.requests.slice(before).filter(({ path }) => path.includes("dns_records"))).toHaveLength(3);
      expect((await open().list(zone)).filter(({ domain }) => domain.startsWith("theirs"))).toEqual([]);
    });

    test("a record that Cloudflare stands in front of leads elsewhere, and is made a plain one", async () => {
      const name = `front.${zone}`;
      await simulator.put(name, "A", ["192.0.2.1"], true);
      const before = simulator.requests.length;
      await open().ensure(name, ["192.0.2.1"]);
      const put = simulator.requests.slice(before).find(({ method }) => method === "PUT");
      expect(put?.body).toMatchObject({ name, content: "192.0.2.1", proxied: false });
    });

    test("what is no token at all is refused as one that may nothing", async () => {
      await expect(open("short").ensure(`ada.${zone}`, [])).rejects.toMatchObject({
        code: "provider_credentials",
        details: { status: 400, vendorCode: "6003" },
      });
      expect(simulator.violations).toEqual([]);
    });
  });
});
