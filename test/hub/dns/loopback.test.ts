import { expect, test } from "vitest";
import { loopbackDns } from "#hub/dns/loopback.ts";
import { dnsContract } from "#test/contracts/dns.ts";
import { dnsTools } from "./dns-tools.ts";

const loopback = loopbackDns.open({}, dnsTools());

dnsContract("loopback", async () => ({
  dns: loopback,
  domain: "ada.localhost",
  addresses: ["127.0.0.1"],
  foreign: "ada.example.org",
}));

test("all of 127.0.0.0/8 and ::1 are this machine", async () => {
  await loopback.ensure("ada.localhost", ["127.0.0.1", "127.9.9.9", "::1"]);
});

test("a server elsewhere is refused, since its name would never lead there", async () => {
  const ensured = loopback.ensure("ada.localhost", ["127.0.0.1", "203.0.113.7"]);
  await expect(ensured).rejects.toMatchObject({
    code: "provider_refused",
    message: "ada.localhost leads to this machine, never to 203.0.113.7",
  });
});

test.each(["localhost", "localhost.example.org", "adalocalhost"])("%s is not a name under localhost", async (name) => {
  await expect(loopback.verify(name, ["127.0.0.1"])).rejects.toMatchObject({ code: "provider_refused" });
});
