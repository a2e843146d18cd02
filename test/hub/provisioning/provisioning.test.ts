import { describe, expect, test } from "vitest";
import { jobStates } from "#shared/api/hub.ts";
import { runningWorlds } from "./running-worlds.ts";
import { isFinished, untilJob } from "./until.ts";

const order = { email: "ada@example.org", beacon: "ada", modules: ["vaultwarden", "umami"] };
const running = runningWorlds();

describe("an order", () => {
  test("walks the nine states and ends in a beacon", async () => {
    const { world, hub } = await running();
    const { id } = await hub.order(order, "op@example.org");
    const job = await untilJob(hub, id, isFinished);

    expect(job.state).toBe("COMPLETED");
    expect(job.problem).toBeUndefined();
    expect([...new Set(job.events.map(({ state }) => state))]).toEqual(jobStates);
    expect(world.vpss.size).toBe(1);
    expect(world.names).toEqual(new Set(["ada.localhost"]));
    expect([...world.commands.values()].map(({ input }) => input.module)).toEqual([
      ...["caddy", "postgresql", "redis", "vaultwarden", "umami"],
    ]);
    expect(world.deliveries).toHaveLength(1);
    expect(world.deliveries[0]?.attachments[0]?.filename).toBe("handbook.pdf");
    expect(await world.beacons.byName("ada")).toMatchObject({
      domain: "ada.localhost",
      providerId: "vps-1",
      address: "127.0.0.1",
      owner: "user-of-ada@example.org",
    });
    expect(world.errors).toEqual([]);
  });

  test("is stored before anything is done, with its line in the audit log", async () => {
    const { world, hub } = await running({ paid: () => false });
    const job = await hub.order(order, "op@example.org");
    expect(job).toMatchObject({ state: "PENDING", beaconName: "ada", email: order.email, modules: order.modules });
    const waiting = await untilJob(hub, job.id, ({ waitingFor }) => waitingFor !== undefined);
    expect(waiting.waitingFor).toBe("the payment");
    expect(await world.beacons.list()).toEqual([]);
    const audit = await world.db.selectFrom("audit").selectAll().execute();
    expect(audit).toMatchObject([{ actor: "op@example.org", action: "job.order", subject: job.id }]);
  });

  test("of a name that is taken is refused, whoever is faster", async () => {
    const { world, hub } = await running();
    const both = await Promise.allSettled([hub.order(order, "a"), hub.order(order, "b")]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const [job] = await hub.jobs();
    await untilJob(hub, job?.id ?? "", isFinished);
    await expect(hub.order(order, "op")).rejects.toMatchObject({ code: "conflict" });
    expect(await hub.jobs()).toHaveLength(1);
    expect(world.count.created).toBe(1);
  });

  test("of a reserved name or an unknown module is refused, and nothing is stored", async () => {
    const { hub } = await running();
    await expect(hub.order({ ...order, beacon: "www" }, "op")).rejects.toMatchObject({ code: "conflict" });
    await expect(hub.order({ ...order, modules: ["nosuch"] }, "op")).rejects.toMatchObject({
      code: "module_unknown",
      hint: "Known are: vaultwarden, umami.",
    });
    expect(await hub.jobs()).toEqual([]);
  });

  test("that names an app twice, or a core module, gets each once", async () => {
    const { world, hub } = await running();
    const { id } = await hub.order({ ...order, modules: ["umami", "redis", "umami"] }, "op");
    const job = await untilJob(hub, id, isFinished);
    expect(job.modules).toEqual(["umami"]);
    expect(world.count.sent).toBe(4);
  });

  test("runs beside others, each on a beacon of its own", async () => {
    const { world, hub } = await running({ concurrency: 2 });
    const names = ["ada", "bob", "eve", "kim", "lou"];
    const jobs = await Promise.all(names.map((beacon) => hub.order({ ...order, beacon, modules: [] }, "op")));
    const done = await Promise.all(jobs.map(({ id }) => untilJob(hub, id, isFinished)));
    expect(done.map(({ state }) => state)).toEqual(names.map(() => "COMPLETED"));
    expect(world.vpss.size).toBe(5);
    expect((await world.beacons.list()).map(({ name }) => name)).toEqual(names);
    expect(new Set(world.deliveries.map(({ subject }) => subject)).size).toBe(5);
  });

  test("shows each change to whoever looks", async () => {
    const { world, hub } = await running();
    const { id } = await hub.order(order, "op");
    await untilJob(hub, id, isFinished);
    const states = world.published.map(({ state }) => state);
    expect(states.filter((state, index) => state !== states[index - 1])).toEqual(jobStates);
    const told = world.published.flatMap(({ events }) => events.map(({ message }) => message));
    expect(told).toContain("Being installed: caddy, postgresql, redis.");
    expect(JSON.stringify(world.published)).not.toContain("token-");
  });
});
