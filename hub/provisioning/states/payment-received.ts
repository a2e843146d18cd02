import { Problem } from "#shared/problem.ts";
import { beaconIdOf } from "../derived-ids.ts";
import type { State } from "../state.ts";
import { waitForProvider } from "../wait-for-provider.ts";

/** Chooses who makes the server, and enters the beacon into the books, with its name, its domain and the account of its owner. */
export const paymentReceived = {
  state: "PAYMENT_RECEIVED",
  title: "Registering the beacon",
  attempts: 5,
  run: async (context, job) => {
    const { beacons, accounts, market, zone, now } = context;
    const id = beaconIdOf(job.id);
    const { beaconName: name, email, region } = job.purchase;
    const domain = `${name}.${zone}`;
    const next = { next: `The beacon is registered as ${domain}.`, beacon: id };
    if ((await beacons.get(id)) !== undefined) return next;
    if ((await beacons.byName(name)) !== undefined) {
      throw new Problem("conflict", `there is a beacon ${name} already`, {
        hint: "Cancel this job and order under another name.",
      });
    }
    const provider = await market.choose(job.id);
    if (provider === undefined) return waitForProvider(context, job);
    const owner = await accounts.ensureOwner(email);
    await beacons.insert({
      id,
      name,
      domain,
      email,
      owner: owner.id,
      provider: provider.name,
      region,
      createdAt: now(),
    });
    return next;
  },
  undo: ({ beacons }, job) => beacons.remove(beaconIdOf(job.id)),
} satisfies State;
