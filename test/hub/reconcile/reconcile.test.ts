import { beforeEach, describe, expect, it } from "vitest";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { DAY_MS, OPERATORS, openWorld, QUIET_MS, type World } from "./world.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "comparing Stripe, providers and books" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let world: World;
  beforeEach(async () => {
    world = await openWorld(contract);
    return world.stop;
  });

  const kinds = async (fix = false) =>
    (await world.compare(fix)).findings.map(({ kind, subject }) => `${kind} ${subject}`);

  it("finds nothing where there is nothing, and says when it looked", async () => {
    expect(await world.reconcileWith().view()).toEqual({ findings: [], fixed: [] });
    expect(await world.compare(true)).toEqual({ checkedAt: expect.any(Number), findings: [], fixed: [] });
    expect(await world.mails()).toEqual([]);
  });

  it("lists a server that is left over, with what it costs, and leaves it there until it is to be fixed", async () => {
    const beacon = await world.ordered("CANCELLED");
    const id = await world.rent(beacon);
    const { findings } = await world.compare();
    expect(findings).toMatchObject([
      { kind: "orphan-vps", subject: id, resolvable: true, beacon, monthlyCents: expect.any(Number), currency: "EUR" },
    ]);
    expect(world.isThere(id)).toBe(true);
    expect((await world.reconcileWith().view()).findings).toEqual(findings);
    expect(await world.audited()).toEqual([]);
  });

  it("keeps a finding and its beginning from night to night, and forgets it when it is over", async () => {
    const id = await world.rent(await world.ordered("CANCELLED"));
    const [first] = (await world.compare()).findings;
    world.account.simulator.advance(3 * DAY_MS);
    expect((await world.compare()).findings).toEqual([first]);
    await world.provider.remove(id);
    expect((await world.compare()).findings).toEqual([]);
    expect(await world.audited()).toEqual([]);
  });

  it("removes it when that is wanted, once, says so in the audit log, and tells operators once", async () => {
    const id = await world.rent(await world.ordered("CANCELLED"));
    expect(await world.compare(true)).toMatchObject({
      findings: [],
      fixed: [{ kind: "orphan-vps", subject: id, outcome: "It is removed." }],
    });
    expect(world.isThere(id)).toBe(false);
    expect(await world.compare(true)).toMatchObject({ findings: [], fixed: [] });
    expect(await world.audited()).toEqual([`olga@example.org vps.remove ${id}`]);
    expect((await world.mails()).map(({ recipient, subject }) => `${recipient} ${subject}`)).toEqual(
      OPERATORS.map((recipient) => `${recipient} 1 thing put right`),
    );
  });

  it("removes what is left of a deleted beacon, and nothing of one that is served", async () => {
    const [gone, served] = [await world.ordered("COMPLETED"), await world.ordered("COMPLETED")];
    const [left, kept] = [await world.rent(gone), await world.rent(served)];
    await world.enter(gone, left);
    await world.enter(served, kept);
    await world.beacons.remove(gone);
    expect(await kinds(true)).toEqual([]);
    expect([left, kept].map(world.isThere)).toEqual([true, true]);
    world.account.simulator.advance(QUIET_MS + 1000);
    await world.compare(true);
    expect([left, kept].map(world.isThere)).toEqual([false, true]);
  });

  it("takes the names of a deleted beacon away, once, and leaves them to who has ordered one of them meanwhile", async () => {
    const addresses = ["192.0.2.7"];
    let served = ["ada-1", "ada-2", "eve"].map((name) => ({ domain: `${name}.localhost`, addresses }));
    const removed: string[] = [];
    let looks = 0;
    const dns = {
      list: async () => {
        looks += 1;
        // While the second one is about to be removed.
        if (looks === 3) await world.ordered("PENDING", null);
        return served;
      },
      remove: async (domain: string) => {
        removed.push(domain);
        served = served.filter((one) => one.domain !== domain);
      },
    };
    await world.ordered("CANCELLED");
    for (const name of ["ada-1", "ada-2"]) {
      await world.enter(`beacon_0000${name}`, "0", name);
      await world.beacons.update(`beacon_0000${name}`, { address: "192.0.2.7" });
      await world.beacons.remove(`beacon_0000${name}`);
    }
    world.account.simulator.advance(QUIET_MS + 1000);
    const subjects = async (fix: boolean) => (await world.compare(fix, { dns })).findings.map(({ subject }) => subject);
    expect(await subjects(true)).toEqual(["ada-2.localhost", "eve.localhost"]);
    expect(removed).toEqual(["ada-1.localhost"]);
    expect(await subjects(true)).toEqual(["eve.localhost"]);
    expect(removed).toEqual(["ada-1.localhost"]);
    expect(await world.audited()).toEqual(["olga@example.org dns.remove ada-1.localhost"]);
  });

  it("never removes what is another hub's, or nobody's", async () => {
    const foreign = await world.rent("beacon_0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f");
    const byHand = world.hetzner.rentByHand();
    expect(await kinds(true)).toEqual([`unknown-vps ${foreign}`]);
    expect([foreign, byHand].map(world.isThere)).toEqual([true, true]);
    expect((await world.compare(true)).findings).toMatchObject([{ resolvable: false }]);
  });

  it("leaves alone what a job is at, or was at just now", async () => {
    const id = await world.rent(await world.ordered("PROVISIONING_VPS", null));
    const young = await world.rent(await world.ordered("CANCELLED", world.now() - 1000));
    expect(await kinds(true)).toEqual([]);
    expect([id, young].map(world.isThere)).toEqual([true, true]);
  });

  it("leaves alone what is being deleted, or done to as a whole otherwise", async () => {
    const beacon = await world.ordered("COMPLETED");
    const id = await world.rent(beacon);
    await world.enter(beacon, id);
    await world.beacons.remove(beacon);
    world.account.simulator.advance(QUIET_MS + 1000);
    const job = {
      id: "lifecycle_00000001",
      beacon,
      beacon_name: "ada",
      change_json: '{"change":"delete"}',
      actor: "test",
    };
    const under = { state: "running", step: "books", wake_at: 0, entered_at: 0, created_at: 0 };
    await world.db
      .insertInto("lifecycle_job")
      .values({ ...job, ...under })
      .execute();
    expect(await kinds(true)).toEqual([]);
    await world.db.updateTable("lifecycle_job").set({ finished_at: world.now() }).execute();
    expect(await world.compare(true)).toMatchObject({ findings: [], fixed: [{ subject: id }] });
  });

  it("looks again before it removes: what somebody has begun to change meanwhile stays", async () => {
    const beacon = await world.ordered("CANCELLED");
    const id = await world.rent(beacon);
    let asked = 0;
    const changing = async () => (++asked > 2 ? [beacon] : []);
    expect(await world.compare(true, { changing })).toMatchObject({ findings: [{ subject: id }], fixed: [] });
    expect(world.isThere(id)).toBe(true);
    expect(await world.audited()).toEqual([]);
  });

  it("says why it could not, goes on with the rest, and tries again", async () => {
    const ids = [
      await world.rent(await world.ordered("CANCELLED")),
      await world.rent(await world.ordered("CANCELLED")),
    ];
    world.hetzner.fail(/^DELETE/, {
      kind: "answer",
      status: 403,
      body: { error: { code: "protected", message: "no" } },
    });
    const { findings, fixed } = await world.compare(true);
    expect(fixed).toHaveLength(1);
    expect(findings).toMatchObject([{ kind: "orphan-vps", problem: { message: expect.any(String) } }]);
    expect(world.errors).toHaveLength(1);
    expect(await world.compare(true)).toMatchObject({ findings: [], fixed: [{}] });
    expect(ids.map(world.isThere)).toEqual([false, false]);
  });

  it("compares without prices where they cannot be had", async () => {
    await world.rent(await world.ordered("CANCELLED"));
    world.hetzner.fail(
      /^GET \/server_types/,
      ...Array.from({ length: 5 }, () => ({ kind: "answer", status: 500 }) as const),
    );
    const [finding] = (await world.compare()).findings;
    expect(finding).toMatchObject({ kind: "orphan-vps" });
    expect(finding).not.toHaveProperty("monthlyCents");
    expect(world.errors).toMatchObject([{ code: "provider_unavailable" }]);
    world.hetzner.calm();
  });

  it("tells of each finding once, however often it is found, and again when it was over in between", async () => {
    const foreign = "beacon_0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";
    const id = await world.rent(foreign);
    await world.compare();
    await world.compare(true);
    expect(await world.mails()).toHaveLength(OPERATORS.length);
    const [mail] = await world.mails();
    expect(mail?.text).toContain(foreign);
    await world.provider.remove(id);
    expect(world.isThere(id)).toBe(false);
    await world.compare();
    await world.rent(foreign);
    await world.compare();
    expect(await world.mails()).toHaveLength(2 * OPERATORS.length);
  });

  describe("when a provider does not answer", () => {
    const answers = [
      ["500", { kind: "answer", status: 500 }],
      ["nothing", { kind: "refused" }],
    ] as const;

    it.each(answers)("but with %s: says so, and nothing that was found there looks over", async (_title, fault) => {
      const id = await world.rent(await world.ordered("CANCELLED"));
      const [orphan] = (await world.compare()).findings;
      world.hetzner.fail(/^GET/, ...Array.from({ length: 12 }, () => fault));
      const { findings } = await world.compare(true);
      expect(findings.map(({ kind }) => kind)).toEqual(["orphan-vps", "unreachable"]);
      expect(findings[0]).toEqual(orphan);
      expect(world.isThere(id)).toBe(true);
      world.hetzner.calm();
      expect((await world.compare(true)).findings).toEqual([]);
      expect(world.isThere(id)).toBe(false);
    });

    it("tells operators when it has been so for a day", async () => {
      const away = { ...world.provider, list: () => Promise.reject(new Error("a defect")) };
      await world.compare(false, { provider: away });
      expect(world.errors).toHaveLength(1);
      world.account.simulator.advance(DAY_MS - 60_000);
      await world.compare(false, { provider: away });
      expect(await world.mails()).toEqual([]);
      world.account.simulator.advance(61_000);
      await world.compare(false, { provider: away });
      await world.compare(false, { provider: away });
      expect(await world.mails()).toHaveLength(OPERATORS.length);
    });
  });

  describe("subscriptions", () => {
    const bought = async (job: "CANCELLED" | "COMPLETED") => {
      const its = await world.account.subscribed();
      const beacon = await world.addJob(its.purchase, job, world.now() - QUIET_MS);
      return { ...its, beacon };
    };

    it("of an order that was cancelled are ended, and what was paid is given back, once", async () => {
      const { purchase, subscription } = await bought("CANCELLED");
      expect((await world.compare()).findings).toMatchObject([
        { kind: "refund-owed", subject: purchase, monthlyCents: 2999, currency: "usd", resolvable: true },
      ]);
      expect(world.refunds).toEqual([]);
      expect(await world.compare(true)).toMatchObject({ findings: [], fixed: [{ kind: "refund-owed" }] });
      await world.compare(true);
      expect(world.refunds).toEqual([`${purchase} 2999`]);
      expect(world.account.simulator.world.subscriptions.get(subscription.id).status).toBe("canceled");
      expect(await world.audited()).toEqual([`olga@example.org purchase.take-back ${purchase}`]);
    });

    it("that go on after all was given back are ended", async () => {
      const { purchase, subscription } = await bought("CANCELLED");
      const at = world.now() - QUIET_MS;
      await world.account.payments.beginTakingBack(purchase, at);
      await world.account.payments.markTakenBack(purchase, at);
      expect(await kinds()).toEqual([`orphan-subscription ${subscription.id}`]);
      expect(await kinds(true)).toEqual([]);
      expect(world.account.simulator.world.subscriptions.get(subscription.id).status).toBe("canceled");
    });

    it("stay found while Stripe does not answer, and nothing is given back then", async () => {
      const { purchase } = await bought("CANCELLED");
      await world.compare();
      const down = Array.from(
        { length: 12 },
        () => ({ kind: "answer", status: 503, body: { error: { type: "api_error" } } }) as const,
      );
      world.account.simulator.fail(/./, ...down);
      expect(await kinds()).toEqual([`refund-owed ${purchase}`, "unreachable stripe"]);
      world.account.simulator.calm();
      expect(world.refunds).toEqual([]);
      expect(await kinds(true)).toEqual([]);
    });

    it("are brought into the books where a webhook never came", async () => {
      const { purchase, subscription, beacon } = await bought("COMPLETED");
      await world.enter(beacon, await world.rent(beacon));
      const stored = () => world.account.subscriptions.get(subscription.id);
      const inStripe = world.account.simulator.world.subscriptions.get(subscription.id);
      inStripe.status = "past_due";
      await world.compare();
      expect(await stored()).toMatchObject({ status: "past_due" });
      inStripe.status = "canceled";
      inStripe.ended_at = Math.floor(world.now() / 1000);
      await world.compare();
      expect(await stored()).toMatchObject({ status: "canceled", purchase });
    });

    it("of another hub in the same account are listed, and never ended", async () => {
      const { world: stripe } = world.account.simulator;
      const { subscription } = await world.account.subscribed();
      stripe.subscriptions.get(subscription.id).metadata.purchase = "purchase_of_another_hub";
      expect(await kinds(true)).toContain(`unknown-subscription ${subscription.id}`);
      expect(stripe.subscriptions.get(subscription.id).status).toBe("active");
    });
  });
});
