import { afterAll, beforeAll, expect, test } from "vitest";
import { powerdnsDns } from "#hub/dns/powerdns.ts";
import { dnsTools } from "#test/hub/dns/dns-tools.ts";
import { type NameServers, startNameServers } from "#test/hub/dns/name-servers.ts";
import { runningWorlds } from "./running-worlds.ts";
import { isFinished, untilJob } from "./until.ts";

const zone = "orders.test";
const order = { email: "ada@example.org", beacon: "ada", modules: [] };
const running = runningWorlds();

/** PowerDNS itself, and who asks its name servers. */
let servers: NameServers;
beforeAll(async () => {
  servers = await startNameServers(zone, ["127.0.0.3"]);
});
afterAll(() => servers.stop());
const dns = () =>
  powerdnsDns.open(
    { url: servers.first.url, apiKey: servers.first.apiKey },
    dnsTools(undefined, (asked = ["127.0.0.3"]) => servers.openResolver(asked)),
  );
const recordsOf = async (name: string) =>
  (await servers.first.records(zone)).filter((line) => line.split(" ")[0]?.endsWith(`${name}.${zone}`)).sort();

test("a whole order ends with both of its addresses in the zone, and takes them away when it is cancelled", async () => {
  let installs = true;
  const { hub } = await running({
    ...{ zone, dns: dns(), addresses: { address: "192.0.2.7", address6: "2001:db8::7" } },
    installProblem: () => (installs ? undefined : "never"),
  });
  const { id } = await hub.order(order, "op");
  const job = await untilJob(hub, id, isFinished);
  expect(job.state).toBe("COMPLETED");
  expect(job.events.map(({ message }) => message)).toContain(
    `ada.${zone} and *.ada.${zone} lead to 192.0.2.7 and 2001:db8::7.`,
  );
  const records = ["*.ada", "ada"].flatMap((name) => [
    `${name}.${zone} A 192.0.2.7`,
    `${name}.${zone} AAAA 2001:db8::7`,
  ]);
  expect(await recordsOf("ada")).toEqual(records);

  installs = false;
  const other = await hub.order({ ...order, beacon: "bob" }, "op");
  await untilJob(hub, other.id, ({ state, waitingFor }) => state === "DEPLOYING_WOPR" && waitingFor !== undefined);
  expect(await recordsOf("bob")).toHaveLength(4);
  await hub.cancel(other.id, "op");
  await untilJob(hub, other.id, isFinished);
  expect(await recordsOf("bob")).toEqual([]);
  expect(await recordsOf("ada")).toEqual(records);
});

test("a server without an IPv6 address has none in the zone", async () => {
  const { hub } = await running({ zone, dns: dns(), addresses: { address: "192.0.2.8" } });
  const { id } = await hub.order({ ...order, beacon: "cyd" }, "op");
  expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
  expect((await recordsOf("cyd")).every((line) => line.endsWith(" A 192.0.2.8"))).toBe(true);
});
