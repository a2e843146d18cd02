import { expect, test } from "vitest";
import type { LifecycleChange } from "#shared/api/lifecycle.ts";
import type { Death } from "#test/hub/provisioning/mortal.ts";
import { ask, createWorld, isFinished, untilJob, type World } from "./world.ts";

const SIDE_BY_SIDE = 12;
const ID = "lifecycle_00000001";

/** What a test looks at in the end: what is there, and how often it was made. */
async function seenIn(world: World) {
  const [beacon] = await world.beacons.list();
  const mails = await world.db.selectFrom("mail").select(["recipient", "subject"]).execute();
  const audit = await world.db.selectFrom("audit").select(["actor", "action"]).orderBy("id").execute();
  return {
    beacon:
      beacon === undefined
        ? "gone"
        : `${beacon.email} at ${beacon.providerId} ${beacon.address} ${beacon.suspendedAt === undefined ? "" : "suspended"}`,
    vpss: [...world.vpss.values()].map(({ id, size }) => `${id} ${size}`),
    names: Object.fromEntries(world.names),
    apps: Object.fromEntries([...world.apps].sort()),
    commands: [...world.commands.values()]
      .map(({ name, input, state }) => `${name} ${input.module ?? ""} ${state}`)
      .sort(),
    created: world.count.created,
    resized: world.count.resized,
    mails: mails.map(({ recipient, subject }) => `${recipient}: ${subject}`),
    audit: audit.map(({ actor, action }) => `${actor}: ${action}`),
  };
}

/** Lets one hub die as told, lets the next one finish, and says what the world looks like then. */
async function dieAndResume(change: LifecycleChange, death?: Death) {
  const world = await createWorld();
  const first = world.boot(death);
  // Whoever asked and got no answer asks again under the same id.
  const asked = ask(first.lifecycle, change, ID);
  await Promise.race([asked, first.died]);
  first.start();
  if (death !== undefined) {
    await Promise.race([first.died, untilJob(first.lifecycle, ID, isFinished)]);
    void first.stop();
  }
  const second = death === undefined ? first : world.boot();
  if (death !== undefined) {
    await ask(second.lifecycle, change, ID);
    second.start();
  }
  const job = await untilJob(second.lifecycle, ID, isFinished);
  const calls = [...first.calls];
  await second.stop();
  return {
    calls,
    errors: world.errors,
    seen: { state: job.state, steps: job.steps.map(({ name, state }) => `${name} ${state}`), ...(await seenIn(world)) },
  };
}

const core = { caddy: "running", postgresql: "running", redis: "running" };
const changes: readonly [LifecycleChange, Record<string, unknown>, readonly string[]][] = [
  [
    { change: "suspend" },
    {
      ...{ apps: { ...core, vaultwarden: "was running" }, commands: ["beacon.suspend  done"] },
      mails: ["ada@example.org: Your beacon ada is suspended"],
    },
    ["beacons.update", "dispatch.send"],
  ],
  [
    { change: "resume" },
    {
      ...{ apps: { ...core, vaultwarden: "running" }, commands: ["beacon.resume  done"] },
      mails: ["ada@example.org: Your beacon ada runs again"],
    },
    [],
  ],
  [
    { change: "resize", tier: "t2", install: ["umami"], remove: ["vaultwarden"] },
    { vpss: ["vps-1 medium"], resized: 1, apps: { ...core, umami: "running" }, mails: [] },
    ["provider.resize"],
  ],
  [
    { change: "rebuild", discardData: true },
    {
      created: 1,
      vpss: ["vps-2 small"],
      names: { "ada.localhost": "192.0.2.2" },
      beacon: "ada@example.org at vps-2 192.0.2.2 ",
      apps: { ...core, vaultwarden: "running" },
      mails: ["ada@example.org: Your beacon ada has a new server"],
    },
    ["provider.create", "enrolments.issue", "enrolments.expect", "dns.ensure", "provider.remove"],
  ],
  [
    { change: "transfer", email: "eve@example.org" },
    {
      beacon: "eve@example.org at vps-1 192.0.2.1 ",
      mails: ["eve@example.org: The beacon ada is yours", "ada@example.org: The beacon ada is not yours any more"],
    },
    ["people.revoke", "subscribed.handOver", "mails.put"],
  ],
  [
    { change: "delete" },
    { beacon: "gone", vpss: [], names: {}, mails: ["ada@example.org: Your beacon ada was deleted"] },
    ["subscribed.end", "dns.remove", "provider.remove", "fleet.remove"],
  ],
];

test.each(changes)("%j is carried through once, wherever the hub is killed", async (change, wanted, effects) => {
  const alive = await dieAndResume(change);
  expect(alive.seen).toMatchObject({ state: "done", ...wanted });
  expect(alive.seen.audit).toEqual([
    `op@example.org: beacon.${change.change}`,
    `lifecycle: beacon.${change.change}-done`,
  ]);
  for (const effect of effects) expect(alive.calls).toContain(effect);

  const counts = Map.groupBy(
    alive.calls.filter((call) => call !== "jobs.wake"),
    (call) => call,
  );
  const deaths = [...counts].flatMap(([call, all]) =>
    all.flatMap((_one, index) => [
      { call, nth: index + 1, when: "before" } as const,
      { call, nth: index + 1, when: "after" } as const,
    ]),
  );
  const different: Record<string, unknown> = {};
  for (let from = 0; from < deaths.length; from += SIDE_BY_SIDE) {
    await Promise.all(
      deaths.slice(from, from + SIDE_BY_SIDE).map(async (death) => {
        const { seen, errors } = await dieAndResume(change, death);
        const name = `${death.when} call ${death.nth} of ${death.call}`;
        if (JSON.stringify(seen) !== JSON.stringify(alive.seen)) different[name] = seen;
        if (errors.length > 0) different[`${name}: errors`] = errors;
      }),
    );
  }
  expect(different).toEqual({});
});
