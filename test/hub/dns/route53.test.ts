import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { route53Dns } from "#hub/dns/route53.ts";
import { zoneContract } from "#test/contracts/dns.ts";
import { hasContracts } from "#test/simulators/contract.ts";
import { type Route53, type Route53Options, startRoute53 } from "#test/simulators/route53.ts";
import { dnsTools } from "./dns-tools.ts";
import { startNameServers } from "./name-servers.ts";

const zone = "beacons.example";
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const throttling =
  "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";

describe.skipIf(!hasContracts())("Route 53", () => {
  zoneContract("Route 53", async () => {
    const servers = await startNameServers(zone, ["127.0.0.1"]);
    const publish: Route53Options["publish"] = (name, ...set) =>
      servers.first.publish(zone, name.replace("\\052", "*"), ...set);
    const simulator = await startRoute53({ credentials, zone, publish });
    return {
      zone,
      simulator,
      secret: credentials.secretAccessKey,
      open: (which) =>
        route53Dns.open(
          which === "right" ? credentials : { ...credentials, secretAccessKey: "wrong-secret" },
          dnsTools(simulator.url, servers.openResolver),
        ),
      records: async () => simulator.records(),
      put: simulator.put,
      tooOften: { kind: "answer", status: 400, body: throttling },
      stop: async () => {
        await simulator.stop();
        await servers.stop();
      },
    };
  });

  describe("over its simulator", () => {
    let simulator: Route53;
    beforeAll(async () => {
      simulator = await startRoute53({ credentials, zone, publish: async () => undefined });
    });
    afterAll(() => simulator.stop());
    const open = (more: Partial<typeof credentials> = {}, now = Date.now) =>
      route53Dns.open({ ...credentials, ...more }, { ...dnsTools(simulator.url), now });
    const batches = () => simulator.requests.filter(({ method }) => method === "POST").length;

    test("all that a domain needs is one batch, done as a whole", async () => {
      const before = batches();
      await open().ensure(`ada.${zone}`, ["192.0.2.1", "2001:db8::1"]);
      await open().ensure(`ada.${zone}`, ["192.0.2.2"]);
      expect(batches() - before).toBe(2);
      expect(simulator.records().filter((line) => line.includes("ada"))).toEqual([
        `*.ada.${zone} A 192.0.2.2`,
        `ada.${zone} A 192.0.2.2`,
      ]);
    });

    test("what is listed is in as many answers as it takes", async () => {
      const names = Array.from({ length: 200 }, (_, nth) => `many${nth}.${zone}`);
      for (const name of names) for (const one of [name, `*.${name}`]) await simulator.put(one, "A", ["192.0.2.1"]);
      const before = simulator.requests.length;
      const listed = (await open().list(zone)).map(({ domain }) => domain).filter((one) => one.startsWith("many"));
      expect(listed).toEqual(names.sort());
      expect(simulator.requests.slice(before).filter(({ path }) => path.endsWith("/rrset"))).toHaveLength(2);
    });

    test("what goes is told as it is there, with a lifetime and a spelling that are not ours", async () => {
      await simulator.put(`old.${zone}`, "AAAA", ["2001:DB8:0:0:0:0:0:1", "2001:db8::2"]);
      await open().remove(`old.${zone}`);
      expect(simulator.records().filter((line) => line.includes("old"))).toEqual([]);
    });

    test("an earlier change that is still under way is waited for by whoever asks again", async () => {
      const body = throttling.replace("Throttling", "PriorRequestNotComplete");
      simulator.fail(/^POST/, { kind: "answer", status: 400, body });
      await expect(open().ensure(`prior.${zone}`, ["192.0.2.1"])).rejects.toMatchObject({
        code: "provider_unavailable",
        retryable: true,
        details: { vendorCode: "PriorRequestNotComplete" },
      });
      await open().ensure(`prior.${zone}`, ["192.0.2.1"]);
    });

    test.each([
      ["a key that nobody knows", { accessKeyId: "AKIAXXXXXXXXXXXXXXXX" }, Date.now],
      ["a clock that is an hour behind", {}, () => Date.now() - 3_600_000],
    ])("%s is the operator's to put right", async (_what, more, now) => {
      const ensured = open(more, now).ensure(`ada.${zone}`, ["192.0.2.1"]);
      await expect(ensured).rejects.toMatchObject({ code: "provider_credentials" });
    });

    test("objections to a batch are told in Route 53's own words, in either form in which it has them", async () => {
      await simulator.put(`taken.${zone}`, "CNAME", ["elsewhere.example."]);
      const said = `RRSet with DNS name taken.${zone}, type A cannot be created as a CNAME exists`;
      const ensure = () => open().ensure(`taken.${zone}`, ["192.0.2.1"]);
      const refused = { code: "provider_refused", message: expect.stringContaining(said) };
      await expect(ensure()).rejects.toMatchObject(refused);
      const body = `<InvalidChangeBatch><Messages><Message>${said}</Message></Messages></InvalidChangeBatch>`;
      simulator.fail(/^POST/, { kind: "answer", status: 400, body });
      await expect(ensure()).rejects.toMatchObject(refused);
    });

    test("an answer that is no XML is no answer", async () => {
      simulator.fail(/^GET/, { kind: "answer", status: 200, body: "<html><p>captive portal" });
      await expect(open().ensure(`ada.${zone}`, ["192.0.2.1"])).rejects.toMatchObject({ code: "provider_unavailable" });
    });

    test("nothing was said that the service model does not have", () => expect(simulator.violations).toEqual([]));
  });
});
