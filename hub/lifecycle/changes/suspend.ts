import { endedStates } from "#shared/api/beacon.ts";
import { suspendedByOperatorMail } from "../../mail/templates/lifecycle.ts";
import { pauseMs } from "../../provisioning/pause.ts";
import { carryOut, givenFor } from "../carry-out.ts";
import type { Change, JobOf, LifecycleContext } from "../change.ts";

const KEY = "suspend";

/**
 * Stops the apps and keeps them stopped, on the beacon itself: over restarts of it, and while the hub is away. The server stays on. It
 * costs the same switched off, and nobody could fetch their data from it then.
 */
export const suspend: Change<"suspend"> = {
  change: "suspend",
  // The beacon does both in their order.
  overtakes: ["resume"],
  letters: (_job, { beacon }) =>
    beacon === undefined ? [] : [{ recipient: beacon.email, words: suspendedByOperatorMail(beacon) }],
  steps: [
    {
      name: "close",
      title: "Closing it to changes",
      attempts: 5,
      run: async ({ beacons, fleet, now }, job) => {
        const beacon = await beacons.get(job.beacon);
        if (beacon?.suspendedAt === undefined) await beacons.update(job.beacon, { suspendedAt: now() });
        fleet.announce(job.beacon);
        return { next: "It takes no more commands." };
      },
    },
    {
      name: "stop-apps",
      title: "Stopping the apps",
      attempts: 8,
      run: (context, job) =>
        carryOut(context, job, { key: KEY, name: "beacon.suspend", input: {}, done: "Its apps are stopped." }),
    },
  ],
  calledOff: { until: "stop-apps", undo: (context, job) => callOff(context, job) },
};

/** A command that the beacon never had is withdrawn; what it has done is undone by the opposite. */
async function callOff(context: LifecycleContext, job: JobOf<"suspend">) {
  const { dispatch, beacons, fleet, now } = context;
  const before = await givenFor(context, job, KEY);
  for (const { command } of before) {
    if (!endedStates.includes(command.state)) await dispatch.cancel(command.id, job.actor);
  }
  const given = (await givenFor(context, job, KEY)).map(({ command }) => command);
  if (given.some(({ state }) => !endedStates.includes(state))) {
    return { wait: "the beacon to break off", ms: pauseMs(job.enteredAt, now()) };
  }
  const isTouched = given.some(({ acceptedAt, state }) => acceptedAt !== undefined || state === "done");
  if (isTouched) {
    const resumed = await carryOut(context, job, {
      key: "resume",
      name: "beacon.resume",
      input: {},
      done: "Its apps run.",
    });
    if (!("next" in resumed)) return resumed;
  }
  await beacons.update(job.beacon, { suspendedAt: null });
  fleet.announce(job.beacon);
  return { next: "It is as it was." };
}
