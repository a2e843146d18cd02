import { expect, test } from "vitest";
import { jobStates } from "#shared/api/hub.ts";
import { dieAndResume } from "./die-and-resume.ts";
import type { Death } from "./mortal.ts";
import { createWorld } from "./world.ts";

const order = { email: "ada@example.org", beacon: "ada", modules: ["vaultwarden"] };
const SIDE_BY_SIDE = 12;

/** What the world looks like when one hub has died as told and the next one has finished. */
async function lookAfter(death?: Death) {
  const world = await createWorld();
  const { job, calls } = await dieAndResume(world, order, death);
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
      told: audit.map(({ actor, action, subject }) => `${actor}: ${action} ${subject === job.id ? "it" : subject}`),
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
  const alive = await lookAfter();
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
        const { seen, errors } = await lookAfter(death);
        const name = nameOf(death);
        if (JSON.stringify(seen) !== JSON.stringify(wanted)) different[name] = seen;
        if (errors.length > 0) different[`${name}: errors`] = errors;
      }),
    );
  }
  expect(different).toEqual({});
});

test("only a hub killed between the server's reply and its own note sends a mail twice, as the same mail", async () => {
  const { deliveries, seen } = await lookAfter({ call: "mailer.send", nth: 1, when: "after" });
  expect(deliveries).toBe(2);
  expect(seen).toEqual(wanted);
  expect((await lookAfter({ call: "mailer.send", nth: 1, when: "before" })).deliveries).toBe(1);
  expect((await lookAfter({ call: "mails.markSent", nth: 1, when: "after" })).deliveries).toBe(1);
});
