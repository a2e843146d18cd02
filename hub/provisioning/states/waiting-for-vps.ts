import { Problem, type ProblemBody } from "#shared/problem.ts";
import type { Vps } from "../../providers/provider.ts";
import type { Beacon } from "../../store/beacons.ts";
import type { Job } from "../../store/jobs.ts";
import { beaconOf } from "../beacon-of.ts";
import { pauseMs } from "../pause.ts";
import type { Outcome, State } from "../state.ts";
import { removeLeftovers } from "../vps-of.ts";
import { addressesOf, toldOf } from "./provisioning-vps.ts";

/** Waits until the VPS runs, its agent has enrolled and holds a link to the hub. Silence, not duration, ends the wait. */
export const waitingForVps = {
  state: "WAITING_FOR_VPS",
  title: "Waiting for the server to report",
  attempts: 8,
  retryIn: "PROVISIONING_VPS",
  run: async (context, job) => {
    const { market, beacons, enrolments, links, now, silenceMs } = context;
    const beacon = await beaconOf(context, job);
    const provider = await market.open(beacon.provider);
    const vps = await provider.find({ "wopr-beacon": beacon.id });
    if (vps === undefined) return { fail: lost(provider.title, beacon) };
    const addresses = addressesOf(vps);
    if (Object.values(addresses).some((one) => one !== beacon.address && one !== beacon.address6)) {
      await beacons.update(beacon.id, addresses);
    }
    if (beacon.enrolledAt === undefined) await enrolments.expect(beacon.id, toldOf(vps));
    if (vps.status === "active" && vps.address !== undefined && links.isOnline(beacon.id)) {
      const leftovers = await removeLeftovers(context, job, provider.name);
      return { next: [`The agent reports from ${vps.address}.`, ...leftovers.map(unasked)].join(" ") };
    }
    if (vps.status === "off") await provider.power(vps.id, true);
    // An agent may enrol only once the provider has told where it is: while that was away it could not be heard.
    const backAt = job.problem?.code === "provider_unavailable" ? now() : 0;
    const heardAt = Math.max(job.enteredAt, beacon.enrolledAt ?? 0, beacon.lastSeenAt ?? 0, backAt);
    if (now() - heardAt > silenceMs) return { fail: silent(vps, beacon, now() - heardAt) };
    const refusal = beacon.enrolledAt === undefined ? await enrolments.refusal(beacon.id) : undefined;
    if (refusal !== undefined) return refused(refusal, job, pauseMs(job.enteredAt, now()));
    return waitFor(vps, beacon, pauseMs(job.enteredAt, now()));
  },
} satisfies State;

const waitFor = (vps: Vps, beacon: Beacon, ms: number): Outcome => {
  if (vps.status !== "active" || vps.address === undefined) return { wait: "the server to start", ms };
  if (beacon.enrolledAt === undefined) return { wait: "the agent to enrol", ms };
  return { wait: "the agent to connect", ms };
};

/** Somebody came with the token who is not the server that was bought. */
const refused = ({ message }: ProblemBody, job: Job, ms: number): Outcome => {
  const wait = `the agent to enrol; one was refused: ${message}`;
  const hint = "If it is yours all the same, make a token for any server on the page of the beacon.";
  return { wait, ms, note: job.waitingFor === wait ? undefined : `${message}. ${hint}` };
};

/** Reconciling finds what is left there: nothing is held up for it. */
const unasked = ({ provider, problem }: Awaited<ReturnType<typeof removeLeftovers>>[number]) =>
  `${provider}, which was passed over, could not be asked whether it has a server of it after all: ${problem.message}.`;

const lost = (provider: string, beacon: Beacon) =>
  new Problem("provider_refused", `${provider} does not know the server of ${beacon.name} any more`, {
    hint: "Retry: a new server is created.",
    details: { providerId: beacon.providerId },
  });

const silent = (vps: Vps, beacon: Beacon, forMs: number) => {
  const stage = beacon.enrolledAt === undefined ? "has not enrolled" : "has enrolled, but is not connected";
  const what = vps.status === "active" ? `its agent ${stage}` : "it is not running";
  return new Problem(
    "timed_out",
    `nothing was heard from the server ${vps.id} for ${Math.round(forMs / 1000)} s: ${what}`,
    {
      hint: `Look at ${vps.log} for the reason; then retry.`,
      details: { vps: vps.id, status: vps.status, address: vps.address },
    },
  );
};
