import { Resolver } from "node:dns/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createAuthority } from "#hub/dns/zone/authority.ts";
import { Problem } from "#shared/problem.ts";
import { type NameServers, startNameServers } from "../name-servers.ts";

const zone = "beacons.test";
let servers: NameServers;
beforeAll(async () => {
  servers = await startNameServers(zone);
});
afterAll(() => servers.stop());

const domain = `ada.${zone}`;
const verify = (addresses: readonly string[], of = zone) =>
  createAuthority(servers.openResolver).verify(of, domain, addresses);
const refusalOf = (verifying: Promise<void>) =>
  verifying.then(
    () => Promise.reject(new Error("it was verified")),
    (error: unknown) => Problem.wrap(error),
  );

async function publish(where: number, sets: Readonly<Record<string, readonly string[]>>) {
  for (const [set, values] of Object.entries(sets)) {
    const [name = "", type = ""] = set.split(" ");
    await servers.all[where]?.publish(zone, name, type, values);
  }
}
const everything = (v4: readonly string[], v6: readonly string[] = []) => ({
  [`${domain} A`]: v4,
  [`*.${domain} A`]: v4,
  [`${domain} AAAA`]: v6,
  [`*.${domain} AAAA`]: v6,
});
const everywhere = async (sets: Readonly<Record<string, readonly string[]>>) => {
  await publish(0, sets);
  await publish(1, sets);
};
beforeEach(() => everywhere(everything([])));

test("a domain that leads nowhere is not ready, and is where it is to lead nowhere", async () => {
  expect(await refusalOf(verify(["192.0.2.1"]))).toMatchObject({ code: "dns_not_ready", retryable: true });
  await verify([]);
});

test("both names have to lead to all of the addresses, IPv4 and IPv6, and to nothing else", async () => {
  await everywhere(everything(["192.0.2.1", "192.0.2.2"], ["2001:db8::1"]));
  await verify(["192.0.2.2", "192.0.2.1", "2001:DB8:0::1"]);
  for (const wrong of [["192.0.2.1", "2001:db8::1"], ["192.0.2.1", "192.0.2.2"], ["192.0.2.9"]]) {
    expect((await refusalOf(verify(wrong))).code).toBe("dns_not_ready");
  }
});

test.each([`${domain} A`, `*.${domain} A`, `${domain} AAAA`, `*.${domain} AAAA`])("%s alone is missed", async (set) => {
  await everywhere(everything(["192.0.2.1"], ["2001:db8::1"]));
  await publish(1, { [set]: [] });
  const problem = await refusalOf(verify(["192.0.2.1", "2001:db8::1"]));
  expect(problem).toMatchObject({ code: "dns_not_ready", details: { server: `ns2.${zone}` } });
});

test("a name server that lags behind is named, with what it answers", async () => {
  await everywhere(everything(["192.0.2.1"]));
  await publish(0, everything(["192.0.2.7"]));
  const problem = await refusalOf(verify(["192.0.2.7"]));
  expect(problem.message).toBe(`the name server ns2.${zone} does not lead ${domain} to 192.0.2.7 yet`);
  expect(problem.details).toMatchObject({ answers: [`${domain} → 192.0.2.1`, `*.${domain} → 192.0.2.1`] });
});

test("a name server that is away holds up nobody, as long as another one answers", async () => {
  await everywhere(everything(["192.0.2.1"]));
  const nowhere = servers.first.dns.replace(/:\d+$/, ":9");
  const away = (gone: readonly string[]) =>
    createAuthority((asked) => {
      if (asked === undefined || !gone.includes(asked.join())) return servers.openResolver(asked);
      const resolver = new Resolver({ timeout: 300, tries: 1 });
      resolver.setServers([nowhere]);
      return resolver;
    });
  await away(["127.0.0.1"]).verify(zone, domain, ["192.0.2.1"]);
  const problem = await refusalOf(away(["127.0.0.1", "127.0.0.2"]).verify(zone, domain, ["192.0.2.1"]));
  expect(problem).toMatchObject({ code: "dns_not_ready", message: `none of the name servers of ${zone} answers` });
});

test("a zone whose name servers nobody knows is not ready", async () => {
  const problem = await refusalOf(verify(["192.0.2.1"], "elsewhere.test"));
  expect(problem).toMatchObject({ code: "dns_not_ready", message: "nobody knows the name servers of elsewhere.test" });
});
