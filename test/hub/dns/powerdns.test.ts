import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { powerdnsDns } from "#hub/dns/powerdns.ts";
import { zoneContract } from "#test/contracts/dns.ts";
import { hasContracts } from "#test/simulators/contract.ts";
import { pdnsTooOften, startCheckedPdns } from "#test/simulators/powerdns.ts";
import { dnsTools } from "./dns-tools.ts";
import { type NameServers, startNameServers } from "./name-servers.ts";

const zone = "beacons.test";

describe.skipIf(!hasContracts())("PowerDNS", () => {
  zoneContract("PowerDNS", async () => {
    const servers = await startNameServers(zone, ["127.0.0.1"]);
    const simulator = await startCheckedPdns(servers.first.url);
    return {
      zone,
      simulator,
      secret: servers.first.apiKey,
      open: (credentials) => {
        const apiKey = credentials === "right" ? servers.first.apiKey : "wrong-key";
        const url = servers.first.url;
        return powerdnsDns.open({ url, apiKey }, dnsTools(simulator.url, servers.openResolver));
      },
      records: () => servers.first.records(zone),
      put: (name, type, values) => servers.first.publish(zone, name, type, values),
      tooOften: pdnsTooOften,
      stop: async () => {
        await simulator.stop();
        await servers.stop();
      },
    };
  });
});

describe("over PowerDNS itself", () => {
  let servers: NameServers;
  beforeAll(async () => {
    servers = await startNameServers(zone);
  });
  afterAll(() => servers.stop());
  const open = (url = servers.first.url) =>
    powerdnsDns.open({ url, apiKey: servers.first.apiKey }, dnsTools(undefined, servers.openResolver));

  test("the closest zone is the one that is changed", async () => {
    await servers.first.addZone(`inner.${zone}`, {});
    await open().ensure(`ada.inner.${zone}`, ["192.0.2.1"]);
    expect(await servers.first.records(`inner.${zone}`)).toContain(`ada.inner.${zone} A 192.0.2.1`);
    expect((await servers.first.records(zone)).filter((line) => line.includes("inner"))).toEqual([]);
  });

  test("the serial number grows with each change, and with nothing else", async () => {
    const serial = async () => (await servers.first.records(zone)).find((line) => / SOA /.test(line));
    const dns = open();
    const serials = [await serial()];
    for (const addresses of [["192.0.2.1"], ["192.0.2.1"], ["192.0.2.2"]]) {
      await dns.ensure(`serial.${zone}`, addresses);
      serials.push(await serial());
    }
    expect(serials[1]).not.toBe(serials[0]);
    expect(serials[2]).toBe(serials[1]);
    expect(serials[3]).not.toBe(serials[2]);
  });

  test("a record that is switched off leads nowhere, and is replaced", async () => {
    const name = `off.${zone}`;
    const records = [{ content: "192.0.2.1", disabled: true }];
    await servers.first.api("PATCH", `/zones/${zone}.`, {
      rrsets: [{ name: `${name}.`, type: "A", ttl: 300, changetype: "REPLACE", records }],
    });
    await open().ensure(name, ["192.0.2.1"]);
    expect(await servers.openResolver().resolve4(name)).toEqual(["192.0.2.1"]);
  });

  test("a server that is not there is away", async () => {
    const url = "http://127.0.0.1:9";
    await expect(open(url).ensure(`ada.${zone}`, ["192.0.2.1"])).rejects.toMatchObject({
      code: "provider_unavailable",
    });
  });

  test("credentials that are none are refused by name", () => {
    expect(() => powerdnsDns.open({ url: "ftp://x", apiKey: "" }, dnsTools())).toThrow(/url.*apiKey/);
  });
});
