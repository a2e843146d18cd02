import { expect, test } from "vitest";
import { jobStates } from "#shared/api/hub.ts";
import type { Death } from "./mortal.ts";
import { isFinished, untilJob } from "./until.ts";
import { createWorld } from "./world.ts";

const order = { email: "ada@example.org", beacon: "ada", modules: ["vaultwarden"] };
const SIDE_BY_SIDE = 12;

/** Lets one hub die as told, lets the next one finish, and says what the world looks like then. */
async function dieAndResume(death?: Death) {
  const world = await createWorld();
  const first = world.boot(death);
  const { id } = await first.provisioning.order(order, "op@example.org");
  first.start();
  if (death !== undefined) {
    await Promise.race([first.died, untilJob(first.provisioning, id, isFinished)]);
    // The dead one must not act on what the world still tells it.
    void first.stop();
  }
  const second = death === undefined ? first : world.boot();
  if (death !== undefined) second.start();
  const job = await untilJob(second.provisioning, id, isFinished);
  const calls = [...first.calls];
  await second.stop();
  const beacons = await world.beacons.list();
  const audit = await world.db.selectFrom("audit").select(["actor", "action", "subject"]).orderBy("id").execute();
  return {
    calls,
    errors: world.errors,
    seen: {
      state: job.state,
      entered: job.events.filter(({ durationMs }) => durationMs !== undefined).map(({ state }) => state),
      beacons: beacons.map(({ name, providerId }) => `${name} on ${providerId}`),
      created: world.count.created,
      vpss: [...world.vpss.keys()],
      names: [...world.names],
      commands: [...world.commands.values()].map(({ input, state }) => `${input.module} ${state}`),
      mails: [...new Set(world.deliveries.map((mail) => mail.id))].length,
      sameMail: new Set(world.deliveries.map((mail) => JSON.stringify({ ...mail, attachments: undefined }))).size,
      documents: (await world.db.selectFrom("document").select("id").execute()).length,
      told: audit.map(({ actor, action, subject }) => `${actor}: ${action} ${subject === id ? "it" : subject}`),
    },
    deliveries: world.deliveries.length,
  };
}

const wanted = {
  state: "COMPLETED",
  entered: jobStates.slice(1),
  beacons: ["ada on vps-1"],
  created: 1,
  vpss: ["vps-1"],
  names: ["ada.localhost"],
  commands: ["caddy done", "postgresql done", "redis done", "vaultwarden done"],
  mails: 1,
  sameMail: 1,
  documents: 1,
  told: ["op@example.org: job.order it", "provisioning: job.complete it"],
};

const nameOf = ({ call, nth, when }: Death) => `${when} call ${nth} of ${call}`;

test("a hub killed right before or right after any effect resumes without doing anything twice", async () => {
  const alive = await dieAndResume();
  expect(alive.seen).toEqual(wanted);
  expect(alive.deliveries).toBe(1);

  const counts = Map.groupBy(
    alive.calls.filter((call) => call !== "jobs.insert"),
    (call) => call,
  );
  counts.delete("jobs.wake");
  const deaths = [...counts].flatMap(([call, all]) =>
    all.flatMap((_one, index) => {
      const nth = index + 1;
      return [{ call, nth, when: "before" } as const, { call, nth, when: "after" } as const];
    }),
  );
  // Every effect of the whole walk is among them.
  for (const call of [
    "choices.choose",
    "beacons.insert",
    "enrolments.issue",
    "provider.create",
    "enrolments.expect",
    "dns.ensure",
    "mailer.send",
  ]) {
    expect(counts.has(call)).toBe(true);
  }
  expect(deaths.length).toBeGreaterThan(40);

  const different: Record<string, unknown> = {};
  for (let from = 0; from < deaths.length; from += SIDE_BY_SIDE) {
    await Promise.all(
      deaths.slice(from, from + SIDE_BY_SIDE).map(async (death) => {
        const { seen, errors } = await dieAndResume(death);
        const name = nameOf(death);
        if (JSON.stringify(seen) !== JSON.stringify(wanted)) different[name] = seen;
        if (errors.length > 0) different[`${name}: errors`] = errors;
      }),
    );
  }
  expect(different).toEqual({});
});

test("only a hub killed between the server's reply and its own note sends a mail twice, as the same mail", async () => {
  const { deliveries, seen } = await dieAndResume({ call: "mailer.send", nth: 1, when: "after" });
  expect(deliveries).toBe(2);
  expect(seen).toEqual(wanted);
  expect((await dieAndResume({ call: "mailer.send", nth: 1, when: "before" })).deliveries).toBe(1);
  expect((await dieAndResume({ call: "mails.markSent", nth: 1, when: "after" })).deliveries).toBe(1);
});
