import type { Vps } from "../../providers/provider.ts";
import { beaconOf } from "../beacon-of.ts";
import { beaconIdOf } from "../derived-ids.ts";
import type { State } from "../state.ts";

/** What the provider has told so far of the server for which the token is. */
export const toldOf = ({ id, dialsFrom }: Vps) => ({
  instanceId: id,
  ...(dialsFrom === undefined ? {} : { addresses: [...dialsFrom] }),
});

/**
 * Has the provider make the VPS, once: what carries the beacon's label is taken, whoever made it.
 *
 * A VPS whose agent never enrolled in an earlier round of the job is deleted and made anew: its one-time token is used
 * up or dead, and what a VPS is born with cannot be changed from outside. One made in this round is kept, since the
 * token was stored before the VPS was ordered and is still good.
 */
export const provisioningVps = {
  state: "PROVISIONING_VPS",
  title: "Creating the server",
  attempts: 8,
  run: async (context, job) => {
    const { provider, beacons, enrolments } = context;
    const beacon = await beaconOf(context, job);
    const labels = { "wopr-beacon": beacon.id, "wopr-round": String(job.round) };
    const present = await provider.find({ "wopr-beacon": beacon.id });
    const stillborn =
      present !== undefined && beacon.enrolledAt === undefined && present.labels["wopr-round"] !== labels["wopr-round"];
    if (stillborn) await provider.remove(present.id);
    const order = async () => {
      const enrolmentToken = await enrolments.issue(beacon.id, { awaits: [...provider.tells] });
      const bootstrap = { hub: context.publicUrl, enrolmentToken };
      return {
        name: beacon.name,
        labels,
        region: beacon.region,
        bootstrap,
        userData: await context.userData(bootstrap, provider),
      };
    };
    const vps = present !== undefined && !stillborn ? present : await provider.create(await order());
    await enrolments.expect(beacon.id, toldOf(vps));
    await beacons.update(beacon.id, {
      providerId: vps.id,
      ...(vps.address === undefined ? {} : { address: vps.address }),
    });
    return { next: `${provider.title} has the server ${vps.id}.` };
  },
  undo: async ({ provider }, job) => {
    const labels = { "wopr-beacon": beaconIdOf(job.id) };
    for (let vps = await provider.find(labels); vps !== undefined; vps = await provider.find(labels)) {
      await provider.remove(vps.id);
    }
  },
} satisfies State;
