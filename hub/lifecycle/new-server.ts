import { hashOf } from "#shared/hash.ts";
import { Problem } from "#shared/problem.ts";
import type { Provider, Vps } from "../providers/provider.ts";
import { pauseMs } from "../provisioning/pause.ts";
import { toldOf } from "../provisioning/states/provisioning-vps.ts";
import type { Beacon } from "../store/beacons.ts";
import type { LifecycleJob } from "../store/lifecycle-jobs.ts";
import { beaconOf } from "./beacon-of.ts";
import type { LifecycleContext, Outcome } from "./change.ts";

/** Labels have room for four digits: https://docs.hetzner.cloud has more, names of servers elsewhere have not. */
const FIRST_ROUND = 1000;
const ROUNDS = 9000;

/** What tells the server of one try of one job from all others of the beacon: it comes from the job alone. Pure. */
export function roundLabel({ id, round }: Pick<LifecycleJob, "id" | "round">, taken: string | undefined): string {
  const wanted = FIRST_ROUND + (Number.parseInt(hashOf([id, round]).slice(0, 8), 16) % ROUNDS);
  return String(String(wanted) === taken ? FIRST_ROUND + ((wanted + 1 - FIRST_ROUND) % ROUNDS) : wanted);
}

/** Has the provider make a second server for the beacon, once, and removes what an earlier try has made. */
export async function createServer(context: LifecycleContext, job: LifecycleJob): Promise<Outcome> {
  const { market, enrolments, publicUrl, userData } = context;
  const beacon = await beaconOf(context, job);
  const provider = await market.open(beacon.provider);
  const former = job.facts.formerVps === undefined ? undefined : await provider.get(job.facts.formerVps);
  const round = roundLabel(job, former?.labels["wopr-round"]);
  const labels = { "wopr-beacon": beacon.id, "wopr-round": round };
  for (const vps of await serversOf(provider, beacon)) {
    if (vps.id !== former?.id && vps.labels["wopr-round"] !== round) await provider.remove(vps.id);
  }
  const present = await provider.find(labels);
  const order = async () => {
    // Stored before the server is ordered: one that was made in this try has a token that is still good.
    const enrolmentToken = await enrolments.issue(beacon.id, { awaits: [...provider.tells] });
    const bootstrap = { hub: publicUrl, enrolmentToken };
    return {
      ...{ name: beacon.name, labels, region: former?.region ?? beacon.region, size: former?.size },
      ...{ bootstrap, userData: await userData(bootstrap, provider) },
    };
  };
  const vps = present ?? (await provider.create(await order()));
  await enrolments.expect(beacon.id, toldOf(vps));
  return { next: `${provider.title} has the server ${vps.id}.`, facts: { vps: vps.id } };
}

/** Waits until an agent with another key than the former one's has proved itself: that of the new server. */
export async function awaitAgent(context: LifecycleContext, job: LifecycleJob): Promise<Outcome> {
  const { market, enrolments, links, now, silenceMs } = context;
  const beacon = await beaconOf(context, job);
  const provider = await market.open(beacon.provider);
  const vps = await provider.get(job.facts.vps ?? "");
  if (vps === undefined) return { fail: lost(provider, beacon) };
  const isNew = beacon.publicKey !== undefined && beacon.publicKey !== job.facts.formerKey;
  if (isNew && vps.address !== undefined && links.isOnline(beacon.id)) {
    return { next: `The agent reports from ${vps.address}.` };
  }
  if (!isNew) await enrolments.expect(beacon.id, toldOf(vps));
  if (vps.status === "off") await provider.power(vps.id, true);
  if (now() - job.enteredAt > silenceMs) return { fail: silent(vps, now() - job.enteredAt) };
  const refusal = isNew ? undefined : await enrolments.refusal(beacon.id);
  const why = refusal === undefined ? "" : `; one was refused: ${refusal.message}`;
  return { wait: `the agent of the new server${why}`, ms: pauseMs(job.enteredAt, now()) };
}

/** Removes all servers of the beacon but the new one. */
export async function dropServers(context: LifecycleContext, job: LifecycleJob): Promise<Outcome> {
  const beacon = await beaconOf(context, job);
  const provider = await context.market.open(beacon.provider);
  for (const { id } of await serversOf(provider, beacon)) if (id !== job.facts.vps) await provider.remove(id);
  return { next: "The former server is deleted, with its disk." };
}

/** Back to the former server: the new one goes, its token counts no more, and neither does its agent. */
export async function giveUpServer(context: LifecycleContext, job: LifecycleJob): Promise<Outcome> {
  const { beacons, enrolments, market } = context;
  const beacon = await beaconOf(context, job);
  const { formerKey, formerVps } = job.facts;
  // Nobody is told of this one, and those before it die.
  await enrolments.issue(beacon.id);
  const provider = await market.open(beacon.provider);
  if (job.step !== "note") {
    for (const { id } of await serversOf(provider, beacon)) if (id !== formerVps) await provider.remove(id);
  }
  // One that was shut out meanwhile stays so.
  if (formerKey !== undefined && job.step !== "note" && !(await beacons.isRevoked(formerKey))) {
    await beacons.update(beacon.id, { publicKey: formerKey, nextPublicKey: null });
  }
  return { next: "The new server is deleted. The beacon is as it was." };
}

const serversOf = async (provider: Provider, { id }: Beacon): Promise<Vps[]> =>
  (await provider.list()).filter(({ labels }) => labels["wopr-beacon"] === id);

const lost = ({ title }: Provider, { name }: Beacon) =>
  new Problem("provider_refused", `${title} does not know the new server of ${name} any more`, {
    hint: "Retry: another one is created.",
  });

const silent = ({ id, log, status }: Vps, forMs: number) =>
  new Problem("timed_out", `nothing was heard from the new server ${id} for ${Math.round(forMs / 1000)} s`, {
    hint: `Look at ${log} for the reason; then retry, or call it off: the former server is as it was.`,
    details: { vps: id, status },
  });
