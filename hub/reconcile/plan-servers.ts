import { Problem } from "#shared/problem.ts";
import type { Vps } from "../providers/provider.ts";
import type { LookUp } from "./look-up.ts";
import { dayOf, LONG_MS, type PlannedFinding } from "./planned-finding.ts";
import type { AskedProvider, BookedJob, BookedOrder, Scene } from "./scene.ts";

interface Found {
  readonly vps: Vps;
  readonly provider: AskedProvider;
}

/** What a verdict adds to what is said of every server. */
type Verdict = Pick<PlannedFinding, "kind" | "title" | "detail" | "hint"> & {
  readonly isCertain?: boolean;
  readonly purchase?: string | undefined;
  readonly beacon?: string | undefined;
};

/** What providers have of ours that it should not, and what they have not. Pure. */
export function planServers(scene: Scene, books: LookUp): PlannedFinding[] {
  const found = scene.providers.flatMap((provider) =>
    provider.answer instanceof Problem ? [] : provider.answer.vpss.map((vps) => ({ vps, provider })),
  );
  const superfluous = found.flatMap((one) => {
    const verdict = judge(one, { scene, books, found });
    return verdict === undefined ? [] : [findingOf(one, verdict)];
  });
  return [...superfluous, ...missing(scene, books, found)];
}

interface Evidence {
  readonly scene: Scene;
  readonly books: LookUp;
  readonly found: readonly Found[];
}

/** @returns `undefined` for a server that is as it should be, or may be still */
function judge({ vps, provider }: Found, { scene, books, found }: Evidence): Verdict | undefined {
  const id = vps.labels["wopr-beacon"];
  const beacon = books.beacon(id);
  const order = books.orderOf(id);
  if (beacon === undefined && order === undefined) return unknown(vps, provider);
  if (beacon?.leftAt !== undefined) return detached(order, { scene, name: beacon.name, vps, provider });
  if (books.isBusy(id)) return undefined;
  const job = order?.job;
  const about = { purchase: order?.purchase, beacon: id };
  const name = beacon?.name ?? order?.beaconName ?? id;
  const isQuiet = (since: number) => scene.now - since >= scene.quietMs;

  if (job !== undefined && job.finishedAt === undefined) {
    if (job.state !== "CANCELLED" || scene.now - job.enteredAt < LONG_MS) return undefined;
    return {
      ...{ kind: "orphan-vps", title: `The order of ${name} was cancelled, and its server is still there`, ...about },
      detail: `Its job has tried to remove the server ${vps.id} at ${provider.title} since ${dayOf(job.enteredAt)}.`,
      hint: "It goes on by itself once what stands in the job is out of the way.",
    };
  }
  if (beacon === undefined || beacon.removedAt !== undefined) {
    const endedAt = Math.max(beacon?.removedAt ?? 0, job?.finishedAt ?? 0);
    if (!isQuiet(endedAt)) return undefined;
    const isCertain = beacon !== undefined || job?.state === "CANCELLED";
    const why =
      beacon === undefined || job?.state === "CANCELLED" ? "Its order was cancelled" : "The beacon was deleted";
    return {
      ...{ kind: "orphan-vps", title: `A server of ${name} is left over`, isCertain, ...about },
      detail: `${why} on ${dayOf(endedAt)}. ${provider.title} has the server ${vps.id} all the same.`,
      hint: removalHint(provider, isCertain),
    };
  }
  const isItsOwn = beacon.provider === provider.name && (beacon.providerId ?? vps.id) === vps.id;
  if (isItsOwn) return unserved(job, { scene, name, vps, provider, about });
  if (!isQuiet(job?.finishedAt ?? 0)) return undefined;
  // Another one at the same provider may hold what is to be moved from one to the other, and so may one of which these books know nothing:
  // they may have been brought back to a day before it was made. Who was passed over for a job never had anything.
  const isOwnThere = found.some(
    (one) =>
      one.provider.name === beacon.provider && one.vps.id === beacon.providerId && one.vps.labels["wopr-beacon"] === id,
  );
  const wasPassedOver = beacon.provider !== provider.name && job?.asked.includes(provider.name) === true;
  const isCertain = wasPassedOver && isOwnThere && job.state === "COMPLETED";
  const own = beacon.providerId === undefined ? "none yet" : `${beacon.providerId} at ${beacon.provider}`;
  return {
    ...{ kind: "duplicate-vps", title: `${name} has a second server`, isCertain, ...about },
    detail: `${provider.title} has the server ${vps.id} of it; in the books its server is ${own}.`,
    hint: isCertain ? removalHint(provider, true) : "See which one it runs on, and remove the other at its provider.",
  };
}

/** The server of a beacon that its owner has detached: it is paid for here as long as its subscription goes on. An ended one never does. */
function detached(
  order: BookedOrder | undefined,
  { scene, name, vps, provider }: Omit<OwnServer, "about">,
): Verdict | undefined {
  const endedAt = order?.subscription?.endedAt;
  if (order === undefined || endedAt === undefined || scene.now - endedAt < scene.quietMs) return undefined;
  return {
    ...{
      kind: "server-unpaid",
      title: `Nobody pays for the server of ${name}, which has left`,
      purchase: order.purchase,
    },
    detail: `Its subscription ended on ${dayOf(endedAt)}. ${provider.title} has the server ${vps.id} still.`,
    hint: `Agree with ${order.email} on what becomes of it, and remove it in the console of ${provider.title}.`,
  };
}

interface OwnServer {
  readonly scene: Scene;
  readonly name: string;
  readonly vps: Vps;
  readonly provider: AskedProvider;
  readonly about: Pick<Verdict, "purchase" | "beacon">;
}

/** The server of a job that has failed: nobody is served by it. */
function unserved(job: BookedJob | undefined, { scene, name, vps, provider, about }: OwnServer): Verdict | undefined {
  if (job?.state !== "FAILED" || job.finishedAt === undefined || scene.now - job.finishedAt < LONG_MS) return undefined;
  return {
    ...{ kind: "orphan-vps", title: `The order of ${name} has failed, and its server is still there`, ...about },
    detail: `It failed on ${dayOf(job.finishedAt)}. Nobody is served by the server ${vps.id} at ${provider.title}.`,
    hint: "Retry the job, or cancel it: then the server is removed.",
  };
}

const unknown = (vps: Vps, provider: AskedProvider): Verdict => ({
  kind: "unknown-vps",
  title: `${provider.title} has a server of a beacon that this hub does not know`,
  detail: `The server ${vps.id} carries the label of ${vps.labels["wopr-beacon"]}.`,
  hint: `Another hub may use the same account. If none does, remove it in the console of ${provider.title}.`,
});

const removalHint = ({ rentsByTerm, title }: AskedProvider, isCertain: boolean) => {
  if (!isCertain) return `Look at it, and remove it in the console of ${title}.`;
  return rentsByTerm
    ? `The hub cancels it by itself every night, or now with --fix. ${title} rents by the month: it is switched off, and paid for until the month is over.`
    : "The hub removes it by itself every night, or now with --fix.";
};

function findingOf(
  { vps, provider }: Found,
  { isCertain = false, purchase, beacon, ...verdict }: Verdict,
): PlannedFinding {
  const { answer, name } = provider;
  const cost = answer instanceof Problem ? undefined : answer.costOf(vps);
  return {
    ...verdict,
    ...cost,
    id: `${verdict.kind}:${name}/${vps.id}`,
    subject: vps.id,
    source: name,
    provider: name,
    ...(purchase === undefined ? {} : { purchase }),
    ...(beacon === undefined ? {} : { beacon }),
    ...(isCertain ? { fix: { kind: "remove-vps", provider: name, vps: vps.id } } : {}),
  };
}

/** Beacons whose server is not there. Of who did not answer nothing is said. */
function missing({ books: { beacons }, providers, now, quietMs }: Scene, books: LookUp, found: readonly Found[]) {
  const answered = new Map(
    providers.filter(({ answer }) => !(answer instanceof Problem)).map((provider) => [provider.name, provider]),
  );
  const there = new Set(found.map(({ vps, provider }) => `${provider.name}/${vps.id}`));
  return beacons.flatMap((beacon): PlannedFinding[] => {
    const { id, name, provider, providerId } = beacon;
    const asked = answered.get(provider);
    if (beacon.removedAt !== undefined || providerId === undefined || asked === undefined) return [];
    if (books.isBusy(id) || there.has(`${provider}/${providerId}`)) return [];
    const order = books.orderOf(id);
    const job = order?.job;
    if (job !== undefined && (job.state !== "COMPLETED" || now - (job.finishedAt ?? now) < quietMs)) return [];
    return [
      {
        ...{ id: `beacon-without-vps:${id}`, kind: "beacon-without-vps", subject: id, source: provider, provider },
        ...{ beacon: id, ...(order === undefined ? {} : { purchase: order.purchase }) },
        title: `The server of ${name} is gone`,
        detail: `${asked.title} does not know the server ${providerId} any more, which the books have for ${name}.`,
        hint: "Rebuild the beacon from its last backup, or delete it.",
      },
    ];
  });
}
