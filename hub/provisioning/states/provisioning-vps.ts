import { Problem } from "#shared/problem.ts";
import type { Provider, Vps } from "../../providers/provider.ts";
import type { Beacon } from "../../store/beacons.ts";
import type { Job } from "../../store/jobs.ts";
import { beaconOf } from "../beacon-of.ts";
import type { Outcome, State, StateContext } from "../state.ts";
import { removeLeftovers, removeVpsOf } from "../vps-of.ts";
import { waitForProvider } from "../wait-for-provider.ts";

/** What the provider has told so far of the server for which the token is. */
export const toldOf = ({ id, dialsFrom }: Vps) => ({
  instanceId: id,
  ...(dialsFrom === undefined ? {} : { addresses: [...dialsFrom] }),
});

/** So many tries in a row without an answer, within some four minutes, and another provider is asked. */
const AWAY_TRIES = 8;

/**
 * Has the provider of the job make the VPS, once: what carries the beacon's label is taken, whoever made it. One that has nothing, no
 * quota, or no answer for long, is passed over for the next.
 */
export const provisioningVps = {
  state: "PROVISIONING_VPS",
  title: "Creating the server",
  attempts: AWAY_TRIES,
  run: async (context, job) => {
    const { market, beacons } = context;
    const provider = await market.choose(job.id);
    if (provider === undefined) return waitForProvider(context, job);
    const beacon = await beaconOf(context, job);
    if (beacon.provider !== provider.name) {
      await beacons.update(beacon.id, { provider: provider.name, providerId: null, address: null, address6: null });
    }
    try {
      const vps = await ensureVps(context, job, { provider, beacon });
      return { next: `${provider.title} has the server ${vps.id}.` };
    } catch (thrown) {
      return passOver(context, job, { provider, beacon, problem: Problem.wrap(thrown) });
    }
  },
  undo: async (context, job) => {
    const [first] = await removeLeftovers(context, job);
    if (first !== undefined) throw first.problem;
  },
} satisfies State;

interface Place {
  readonly provider: Provider;
  readonly beacon: Beacon;
}

/**
 * A VPS whose agent never enrolled in an earlier round of the job is deleted and made anew: its one-time token is used
 * up or dead, and what a VPS is born with cannot be changed from outside. One made in this round is kept, since the
 * token was stored before the VPS was ordered and is still good.
 *
 * A token is on the disk before any provider is asked to make something, and stays until the beacon is removed or its agent shut out. So
 * as long as there is none, nothing can be there, and nobody has to be asked for it.
 */
async function ensureVps(context: StateContext, job: Job, { provider, beacon }: Place): Promise<Vps> {
  const { beacons, enrolments, market, precedence } = context;
  const labels = { "wopr-beacon": beacon.id, "wopr-round": String(job.round) };
  const isFirst = job.round === 0 && beacon.revokedAt === undefined && !(await enrolments.wasIssued(beacon.id));
  const present = isFirst ? undefined : await provider.find({ "wopr-beacon": beacon.id });
  const stillborn =
    present !== undefined && beacon.enrolledAt === undefined && present.labels["wopr-round"] !== labels["wopr-round"];
  if (stillborn) await provider.remove(present.id);
  const order = async () => {
    const { sale, region } = job.purchase;
    const enrolmentToken = await enrolments.issue(beacon.id, { awaits: [...provider.tells] });
    const bootstrap = { hub: context.publicUrl, enrolmentToken };
    return {
      name: beacon.name,
      labels,
      region: region === undefined ? undefined : await regionAt(provider, region),
      size: sale === undefined ? undefined : market.sizeOf(provider.name, sale.server),
      bootstrap,
      userData: await context.userData(bootstrap, provider),
      isFirst,
    };
  };
  const create = async () => {
    const placed = await order();
    precedence.end(job.id);
    return provider.create(placed);
  };
  const vps = present !== undefined && !stillborn ? present : await create();
  await precedence.free();
  await enrolments.expect(beacon.id, toldOf(vps));
  await beacons.update(beacon.id, {
    providerId: vps.id,
    ...(vps.region === undefined ? {} : { region: vps.region }),
    ...addressesOf(vps),
  });
  return vps;
}

/** Those that it has so far. */
export const addressesOf = ({ address, address6 }: Vps) => ({
  ...(address === undefined ? {} : { address }),
  ...(address6 === undefined ? {} : { address6 }),
});

/** Regions are called differently everywhere: one that this provider does not have is no wish to it. */
async function regionAt(provider: Provider, wanted: string): Promise<string | undefined> {
  const regions = await provider.regions();
  return regions.some(({ name }) => name === wanted) ? wanted : undefined;
}

/**
 * Goes on with the next provider when this one has nothing for the job, has been away for long, or was taken out of use and cannot be asked
 * any more.
 * @throws {Problem} the same one when that is not so
 */
async function passOver(context: StateContext, job: Job, refused: Refused): Promise<Outcome> {
  const { market } = context;
  const { provider, problem } = refused;
  const hasNothing = problem.code === "provider_out_of_stock" || problem.code === "provider_quota";
  if (!hasNothing && !(await isOutOfReach(context, job, refused))) throw problem;
  // It may have made one before, in a call whose answer was lost. Where it cannot be asked now, it is when all is done.
  if (hasNothing) await removeVpsOf(provider, job);
  await market.passOver(job.id, provider.name);
  const note = `${provider.title} is passed over: ${problem.message}`;
  return { wait: "another provider", ms: 0, note };
}

interface Refused extends Place {
  readonly problem: Problem;
}

/** Whether another provider is to be asked although nobody knows what this one has. */
async function isOutOfReach({ market }: StateContext, job: Job, { provider, beacon, problem }: Refused) {
  const offers = await market.offers();
  if (problem.code === "provider_credentials") return offers.every((offer) => offer.provider !== provider.name);
  if (problem.code !== "provider_unavailable" || job.attempts + 1 < AWAY_TRIES) return false;
  // One that is known to have made the server has it still.
  if (beacon.provider === provider.name && beacon.providerId !== undefined) return false;
  return offers.some((offer) => offer.weight > 0 && offer.provider !== provider.name);
}
