import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { hostingerProvider } from "#hub/providers/hostinger.ts";
import { newBeacon, orderFor } from "#test/contracts/provider-under-test.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { type SimulatedHostinger, startHostinger } from "#test/simulators/hostinger.ts";

const unavailable = { code: "provider_unavailable" };

describe.skipIf(!hasContracts())(hasContracts() ? "orders at Hostinger, each a purchase" : NO_CONTRACTS, () => {
  let hostinger: SimulatedHostinger;
  beforeEach(async () => {
    hostinger = await startHostinger();
  });
  afterEach(async () => {
    expect(hostinger.violations).toEqual([]);
    expect(hostinger.faultsLeft).toBe(0);
    await hostinger.stop();
  });
  const open = () => hostingerProvider.open(hostinger.credentials, { endpoint: hostinger.url, ...hostinger.clock });

  it("takes the price of a month, no backups that cost extra, and a name that is nobody's domain", async () => {
    const order = orderFor("beacon_0123456789abcdef0123456789abcdef", { size: "KVM 2" });
    const { id } = await open().create(order);
    const [bought] = hostinger.requests.filter(({ method, path }) => hostinger.creating.test(`${method} ${path}`));
    expect(bought?.body).toMatchObject({
      item_id: "hostingercom-vps-kvm2-usd-1m",
      setup: { hostname: "wopr-r0-0123456789abcdef0123456789abcdef.wopr.internal", enable_backups: false },
    });
    // Linux allows a host name no more: https://man7.org/linux/man-pages/man7/hostname.7.html
    expect(hostinger.hostnameOf(id)?.length).toBeLessThanOrEqual(64);
  });

  it("sets up at once what was bought and not set up", async () => {
    hostinger.mishaps.push({ kind: "setup fails" });
    const beacon = newBeacon();
    const { id } = await open().create(orderFor(beacon));
    expect((await open().find({ "wopr-beacon": beacon }))?.id).toBe(id);
    expect(hostinger.bought()).toBe(1);
  });

  /** An order that was bought and not set up, of which nobody heard. */
  const loseOrder = async () => {
    const order = orderFor(newBeacon());
    hostinger.mishaps.push({ kind: "setup fails" });
    hostinger.fail(hostinger.creating, { kind: "lost" });
    await expect(open().create(order)).rejects.toMatchObject(unavailable);
    return order;
  };

  it("sets up what was bought, not set up, and not answered, when it is ordered again", async () => {
    const { labels } = await loseOrder();
    const again = orderFor(labels["wopr-beacon"]);
    const { id } = await open().create(again);
    expect(hostinger.bought()).toBe(1);
    hostinger.clock.pass(120_000);
    expect(await open().get(id)).toMatchObject({ status: "active", labels });
    // Of the second try, whose token is the one that is good.
    expect(hostinger.firstBootOf(id)).toEqual({ userData: again.userData.script, outcome: "fine" });
  });

  it("shows it as switched off meanwhile, and sets it up when it is switched on", async () => {
    const { labels, userData } = await loseOrder();
    const found = await open().find({ "wopr-beacon": labels["wopr-beacon"] });
    expect(found).toMatchObject({ status: "off", labels, size: "KVM 1" });
    expect(await open().list()).toEqual([found]);
    const id = found?.id ?? "";
    expect(await open().get(id)).toEqual(found);
    await open().power(id, false);
    await open().power(id, true);
    hostinger.clock.pass(120_000);
    expect(await open().get(id)).toMatchObject({ status: "active", labels, region: "fra" });
    expect(hostinger.firstBootOf(id)).toEqual({ userData: userData.script, outcome: "fine" });
    expect(hostinger.bought()).toBe(1);
  });

  it("takes it back, so that nobody pays for it twice", async () => {
    const { labels } = await loseOrder();
    const found = await open().find(labels);
    await open().remove(found?.id ?? "");
    expect(hostinger.endsAt?.(found?.id ?? "")).toBeDefined();
    expect(hostinger.scriptNames()).toEqual([]);
    expect(await open().find(labels)).toBeUndefined();
    expect(await open().list()).toEqual([]);
    await expect(open().power(found?.id ?? "", true)).rejects.toMatchObject({ code: "not_found" });
  });

  it("waits for what is being paid, and buys nothing meanwhile", async () => {
    const beacon = newBeacon();
    hostinger.mishaps.push({ kind: "pays later", ms: 20 * 60_000 });
    await expect(open().create(orderFor(beacon))).rejects.toMatchObject(unavailable);
    await expect(open().create(orderFor(beacon))).rejects.toMatchObject(unavailable);
    // Who would take it back has to wait for it too.
    await expect(open().find({ "wopr-beacon": beacon })).rejects.toMatchObject(unavailable);
    expect(await open().list()).toEqual([]);
    hostinger.clock.pass(20 * 60_000);
    const { id } = await open().create(orderFor(beacon));
    expect((await open().list()).map((vps) => vps.id)).toEqual([id]);
    expect(hostinger.bought()).toBe(1);
  });

  it("finds what shows up while it looks", async () => {
    const beacon = newBeacon();
    hostinger.mishaps.push({ kind: "pays later", ms: 60_000 });
    hostinger.fail(hostinger.creating, { kind: "lost" });
    await expect(open().create(orderFor(beacon))).rejects.toMatchObject(unavailable);
    await open().create(orderFor(beacon));
    expect(hostinger.bought()).toBe(1);
  });

  it("buys after a beginning of which nothing came, once it has looked long enough", async () => {
    const beacon = newBeacon();
    hostinger.fail(hostinger.creating, { kind: "refused" });
    await expect(open().create(orderFor(beacon))).rejects.toMatchObject(unavailable);
    const before = hostinger.clock.now();
    await open().create(orderFor(beacon));
    expect(hostinger.bought()).toBe(1);
    expect(hostinger.clock.now() - before).toBeGreaterThanOrEqual(90_000);
  });

  it("leaves alone what was bought by hand before", async () => {
    const byHand = hostinger.buyByHand();
    hostinger.clock.pass(1000);
    const beacon = newBeacon();
    hostinger.fail(hostinger.creating, { kind: "refused" });
    await expect(open().create(orderFor(beacon))).rejects.toMatchObject(unavailable);
    const { id } = await open().create(orderFor(beacon));
    expect(id).not.toBe(byHand);
    expect(hostinger.hostnameOf(byHand)).toBe(`srv${byHand}.hstgr.cloud`);
  });

  it("takes none of two that cannot be told apart, and buys no third", async () => {
    const { labels } = await loseOrder();
    hostinger.clock.pass(1000);
    const byHand = hostinger.buyByHand();
    const again = orderFor(labels["wopr-beacon"]);
    for (const ask of [() => open().create(again), () => open().find(labels)]) {
      const problem = await ask().catch((thrown: unknown) => thrown);
      expect(problem).toMatchObject({ code: "provider_refused", hint: expect.stringContaining("hPanel") });
    }
    expect(await open().list()).toEqual([]);
    await open().remove(byHand);
    expect(hostinger.endsAt?.(byHand)).toBeUndefined();
    expect(hostinger.bought()).toBe(2);
  });

  it("leaves no sign of an order behind where it is certain that there is none", async () => {
    hostinger.sellOut(true);
    await expect(open().create(orderFor(newBeacon()))).rejects.toMatchObject({ code: "provider_out_of_stock" });
    hostinger.sellOut(false);
    hostinger.allowMore(0);
    const unpaid = await open()
      .create(orderFor(newBeacon()))
      .catch((thrown: unknown) => thrown);
    expect(unpaid).toMatchObject({ code: "provider_quota", hint: expect.stringContaining("payment") });
    expect(hostinger.scriptNames()).toEqual([]);
    expect(hostinger.bought()).toBe(0);
  });

  it("switches off what it removes, ends its renewal, and keeps neither script nor labels", async () => {
    const beacon = newBeacon();
    const { id } = await open().create(orderFor(beacon));
    hostinger.clock.pass(120_000);
    await open().remove(id);
    expect(hostinger.scriptNames()).toEqual([]);
    expect(hostinger.hostnameOf(id)).toBe(`wopr-cancelled-r0-${beacon.replace("beacon_", "")}.wopr.internal`);
    const machine = z.object({ state: z.string() });
    const headers = { authorization: `Bearer ${hostinger.credentials.token}` };
    const answer = await fetch(`${hostinger.url}/api/vps/v1/virtual-machines/${id}`, { headers });
    expect(machine.parse(await answer.json()).state).toBe("stopped");
    hostinger.clock.pass(31 * 86_400_000);
    expect(hostinger.has(id)).toBe(false);
  });

  it("refuses a script that a machine could not run, before anything is bought", async () => {
    const userData = { cloudConfig: "", script: "#!/bin/bash\nif true; then\n" };
    await expect(open().create(orderFor(newBeacon(), { userData }))).rejects.toMatchObject({
      code: "provider_refused",
    });
    expect(hostinger.bought()).toBe(0);
  });
});
