import { afterEach, describe, expect, it } from "vitest";
import type { LifecycleChange } from "#shared/api/lifecycle.ts";
import { Problem, type ProblemCode } from "#shared/problem.ts";
import { until } from "#test/hub/provisioning/until.ts";
import { ask, BEACON, createWorld, isFinished, untilJob, type WorldOptions } from "./world.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const running = async (options: WorldOptions = {}) => {
  const world = await createWorld(options);
  const { lifecycle } = world.boot();
  lifecycle.start();
  stops.push(lifecycle.stop);
  const finished = (id: string) => untilJob(lifecycle, id, isFinished);
  const carried = async (change: LifecycleChange) => finished((await ask(lifecycle, change)).id);
  return { world, lifecycle, finished, carried };
};
const failing = (call: string, code: ProblemCode) => ({
  problemOf: (called: string) => (called === call ? new Problem(code, "not now") : undefined),
});

describe("resizing", () => {
  it("does nothing to a server that is of the size already", async () => {
    const { world, carried } = await running();
    const { events } = await carried({ change: "resize", tier: "t1" });
    expect(events.map(({ message }) => message)).toContain("The server has the size small.");
    expect(world.count.resized).toBe(0);
  });

  it("is refused before anything is touched where the provider cannot", async () => {
    const { world, lifecycle } = await running({ lacks: ["resize"] });
    await expect(ask(lifecycle, { change: "resize", tier: "t2" })).rejects.toMatchObject({ code: "provider_refused" });
    expect(await lifecycle.jobs()).toEqual([]);
    expect(await world.db.selectFrom("audit").selectAll().execute()).toEqual([]);
  });

  it("is refused where the apps have no room", async () => {
    const { lifecycle } = await running({ size: "large" });
    const many = ["nextcloud", "ollama", "jellyfin", "gitlab", "mattermost", "immich", "openproject", "discourse"];
    const crowded = ask(lifecycle, { change: "resize", tier: "t1", install: many });
    await expect(crowded).rejects.toMatchObject({ code: "out_of_memory", hint: expect.stringContaining("tier") });
  });

  it("tries again what may pass, and says what it waits for", async () => {
    const { lifecycle } = await running(failing("resize", "provider_out_of_stock"));
    const { id } = await ask(lifecycle, { change: "resize", tier: "t2" });
    await untilJob(lifecycle, id, ({ waitingFor }) => waitingFor === "another try (2 of 12)");
    expect(await lifecycle.job(id)).toMatchObject({ state: "running", problem: { code: "provider_out_of_stock" } });
    await lifecycle.stop();
    expect((await lifecycle.job(id))?.state).toBe("running");
  });

  it("waits for a provider that is away, however long", async () => {
    let isAway = true;
    const { world, lifecycle, finished } = await running({
      problemOf: (call) =>
        call === "resize" && isAway ? new Problem("provider_unavailable", "Hetzner answered 503") : undefined,
    });
    const { id } = await ask(lifecycle, { change: "resize", tier: "t2" });
    const tries = () => world.db.selectFrom("lifecycle_job").select("attempts").executeTakeFirstOrThrow();
    for (let seen = 0; seen <= 12; seen = (await tries()).attempts) await lifecycle.wake(BEACON);
    expect(await lifecycle.job(id)).toMatchObject({
      ...{ state: "running", waitingFor: "another try: Hetzner answered 503" },
      events: [{ step: "remove-apps" }, { step: "resize", message: "Hetzner answered 503" }],
    });
    isAway = false;
    await lifecycle.wake(BEACON);
    expect(await finished(id)).toMatchObject({ state: "done" });
  });

  it("is not done before the agent answers, fails when it never does, and goes on when it is retried", async () => {
    let isBack = false;
    const { world, lifecycle, finished } = await running({ comesBack: () => isBack, silenceMs: 300 });
    const { id } = await ask(lifecycle, { change: "resize", tier: "t2" });
    await untilJob(lifecycle, id, ({ waitingFor }) => waitingFor === "ada to come back online");
    expect(await finished(id)).toMatchObject({ state: "failed", problem: { code: "timed_out" } });
    isBack = true;
    world.online.add(BEACON);
    await lifecycle.retry(id, "op@example.org");
    expect(await finished(id)).toMatchObject({ state: "done" });
    expect(world.count.resized).toBe(1);
  });
});

describe("rebuilding", () => {
  it("keeps the former server until the new one is all there", async () => {
    let isReady = false;
    const { world, lifecycle, finished } = await running({
      problemOf: (call) => (call === "dns" && !isReady ? new Problem("dns_not_ready", "not yet") : undefined),
    });
    const { id } = await ask(lifecycle, { change: "rebuild", discardData: true });
    await untilJob(lifecycle, id, ({ problem }) => problem?.code === "dns_not_ready");
    expect([...world.vpss.keys()]).toEqual(["vps-1", "vps-2"]);
    await expect(lifecycle.cancel(id, "op")).rejects.toMatchObject({ code: "conflict" });
    isReady = true;
    expect((await finished(id)).state).toBe("done");
    expect([...world.vpss.keys()]).toEqual(["vps-2"]);
  });

  it("is called off while the new server has not reported: the beacon is as it was", async () => {
    const { world, lifecycle, finished } = await running({ reports: () => false });
    const { id } = await ask(lifecycle, { change: "rebuild", discardData: true });
    await untilJob(lifecycle, id, ({ waitingFor }) => waitingFor === "the agent of the new server");
    expect(world.vpss.size).toBe(2);
    await lifecycle.cancel(id, "op@example.org");
    expect((await finished(id)).state).toBe("cancelled");
    expect([...world.vpss.keys()]).toEqual(["vps-1"]);
    expect(await world.beacons.get(BEACON)).toMatchObject({ publicKey: "key-of-vps-1", providerId: "vps-1" });
    expect(world.names).toEqual(new Map([["ada.localhost", "192.0.2.1"]]));
  });

  it("lets nobody in again who was shut out while it was under way, when it is called off", async () => {
    const { world, lifecycle, finished } = await running({ reports: () => false });
    const { id } = await ask(lifecycle, { change: "rebuild", discardData: true });
    await untilJob(lifecycle, id, ({ waitingFor }) => waitingFor === "the agent of the new server");
    await world.beacons.revoke(BEACON, { actor: "op@example.org", action: "beacon.revoke", subject: BEACON });
    await lifecycle.cancel(id, "op@example.org");
    expect((await finished(id)).state).toBe("cancelled");
    expect([...world.vpss.keys()]).toEqual(["vps-1"]);
    expect(await world.beacons.get(BEACON)).toMatchObject({ publicKey: undefined, revokedAt: expect.any(Number) });
  });

  it("makes another server when it is retried, and removes the one that never reported", async () => {
    let reports = false;
    const { world, lifecycle, finished } = await running({ reports: () => reports, silenceMs: 200 });
    const { id } = await ask(lifecycle, { change: "rebuild", discardData: true });
    expect(await finished(id)).toMatchObject({ state: "failed", problem: { code: "timed_out" } });
    reports = true;
    await lifecycle.retry(id, "op@example.org");
    expect((await finished(id)).state).toBe("done");
    expect([...world.vpss.keys()]).toEqual(["vps-3"]);
    expect(Object.fromEntries(world.apps)).toMatchObject({ vaultwarden: "running" });
  });

  it("is refused while the beacon is suspended", async () => {
    const { lifecycle, carried } = await running();
    await carried({ change: "suspend" });
    const asked = ask(lifecycle, { change: "rebuild", discardData: true });
    await expect(asked).rejects.toMatchObject({ code: "conflict", hint: "Resume it first." });
  });
});

describe("handing over", () => {
  it("signs the former owner out, moves the bills, and tells both", async () => {
    const { world, carried } = await running();
    const { state, events } = await carried({ change: "transfer", email: "eve@example.org" });
    expect(state).toBe("done");
    expect(world.signedOut).toEqual(["user-of-ada@example.org"]);
    expect(world.bills).toEqual(["eve@example.org"]);
    expect(events.map(({ message }) => message)).toContain("Bills go to eve@example.org.");
    expect(await world.beacons.get(BEACON)).toMatchObject({
      owner: "user-of-eve@example.org",
      email: "eve@example.org",
    });
  });

  it("is refused to who has it, however the address is written", async () => {
    const { lifecycle } = await running();
    const asked = ask(lifecycle, { change: "transfer", email: "Ada@Example.org" });
    await expect(asked).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("deleting", () => {
  it("does not wait for a beacon that never comes back, nor for what was to be done to it", async () => {
    const { world, lifecycle, finished } = await running();
    world.online.delete(BEACON);
    const suspending = await ask(lifecycle, { change: "suspend" });
    await untilJob(lifecycle, suspending.id, ({ waitingFor }) => waitingFor === "ada to come online");
    const { id } = await ask(lifecycle, { change: "delete" });
    expect((await finished(id)).state).toBe("done");
    expect(await finished(suspending.id)).toMatchObject({ state: "cancelled" });
    expect(await world.beacons.get(BEACON)).toBeUndefined();
    expect(world.vpss.size).toBe(0);
  });

  it("leaves nothing half done when the provider is away: it is retried from where it was", async () => {
    let isAway = true;
    const { world, lifecycle, finished } = await running({
      problemOf: (call) =>
        call === "remove" && isAway ? new Problem("provider_refused", "the server is locked") : undefined,
    });
    const { id } = await ask(lifecycle, { change: "delete" });
    const failed = await finished(id);
    expect(failed.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      ...["backup done", "subscription done", "dns done", "server failed", "books to-do"],
    ]);
    expect(await world.beacons.get(BEACON)).toBeDefined();
    isAway = false;
    await lifecycle.retry(id, "op@example.org");
    expect((await finished(id)).state).toBe("done");
    expect(world.count.ended).toBe(1);
  });

  it("removes every server that carries the beacon's label", async () => {
    const { world, carried } = await running();
    const [first] = [...world.vpss.values()];
    if (first !== undefined) world.vpss.set("vps-9", { ...first, id: "vps-9" });
    await carried({ change: "delete" });
    expect(world.vpss.size).toBe(0);
  });
});

describe("a job", () => {
  it("is one for each id, and no other change's", async () => {
    const { lifecycle, finished } = await running();
    const id = "lifecycle_00000007";
    const all = await Promise.all(Array.from({ length: 10 }, () => ask(lifecycle, { change: "suspend" }, id)));
    expect(new Set(all.map((job) => job.id))).toEqual(new Set([id]));
    await finished(id);
    expect(await ask(lifecycle, { change: "suspend" }, id)).toMatchObject({ state: "done" });
    await expect(ask(lifecycle, { change: "delete" }, id)).rejects.toMatchObject({ code: "conflict" });
    expect(await lifecycle.jobs()).toHaveLength(1);
  });

  it("waits for the order of its beacon to be over", async () => {
    const { world, lifecycle } = await running();
    await world.db
      .insertInto("purchase")
      .values({ id: "purchase_1", email: "a@b.c", beacon_name: "ada", modules_json: "[]", actor: "op", created_at: 1 })
      .execute();
    const job = { purchase: "purchase_1", beacon: BEACON, wake_at: 1, entered_at: 1, created_at: 1 };
    await world.db
      .insertInto("job")
      .values({ ...job, id: "job_1", state: "DEPLOYING_WOPR" })
      .execute();
    await expect(ask(lifecycle, { change: "suspend" })).rejects.toMatchObject({
      code: "conflict",
      details: { job: "job_1" },
    });
    const over = { state: "COMPLETED", finished_at: 5 };
    await world.db.updateTable("job").set(over).execute();
    await expect(ask(lifecycle, { change: "suspend" })).resolves.toMatchObject({ state: "running" });
  });

  it("is not retried while another one is under way, and not asked for of a beacon that leaves", async () => {
    const { world, lifecycle, finished } = await running({ lacks: [], ...failing("remove", "provider_refused") });
    const { id } = await ask(lifecycle, { change: "delete" });
    await finished(id);
    world.online.delete(BEACON);
    await ask(lifecycle, { change: "suspend" });
    await expect(lifecycle.retry(id, "op")).rejects.toMatchObject({ code: "conflict" });
    await world.beacons.wantLeave(BEACON, "ada", { actor: "ada", action: "test", subject: BEACON });
    await expect(ask(lifecycle, { change: "resume" })).rejects.toMatchObject({ code: "conflict" });
    await until(
      () => world.errors.length,
      (count) => count === 0,
    );
  });

  it("asked for while its opposite waits takes its place, and comes after it on the beacon", async () => {
    const { world, lifecycle, finished } = await running();
    world.online.delete(BEACON);
    const { id: suspending } = await ask(lifecycle, { change: "suspend" });
    await untilJob(lifecycle, suspending, ({ waitingFor }) => waitingFor === "ada to come online");
    const { id } = await ask(lifecycle, { change: "resume" });
    expect(await finished(suspending)).toMatchObject({ state: "cancelled" });
    await until(
      () => world.commands.size,
      (size) => size === 2,
    );
    world.online.add(BEACON);
    for (const command of world.commands.keys()) await world.carryOut(command);
    expect((await finished(id)).state).toBe("done");
    expect([...world.commands.values()].map(({ name }) => name)).toEqual(["beacon.suspend", "beacon.resume"]);
    expect(world.apps.get("vaultwarden")).toBe("running");
    expect((await world.beacons.get(BEACON))?.suspendedAt).toBeUndefined();
  });
});
