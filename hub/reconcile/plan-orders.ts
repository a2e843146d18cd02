import { Problem } from "#shared/problem.ts";
import type { LookUp } from "./look-up.ts";
import { dayOf, LONG_MS, type PlannedFinding } from "./planned-finding.ts";
import type { BookedBeacon, BookedOrder, BookedSubscription, Scene } from "./scene.ts";

/** Statuses in which Stripe goes on charging, or tries to: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
export const isCharging = (status: string): boolean => ["active", "trialing", "past_due", "unpaid"].includes(status);

/** Orders that are paid and not delivered, or not as they are paid; delivered and not paid, or owed back. Pure. */
export const planOrders = (scene: Scene, books: LookUp): PlannedFinding[] =>
  scene.books.orders.flatMap((order) => judge(order, scene, books) ?? []);

/** Providers are away for an hour now and then. */
const BEHIND_MS = LONG_MS / 12;

type Verdict = Pick<PlannedFinding, "kind" | "title" | "detail" | "hint"> &
  Partial<Pick<PlannedFinding, "source" | "fix">>;

function judge(order: BookedOrder, scene: Scene, books: LookUp): PlannedFinding | undefined {
  const verdict =
    isOwedBack(order, scene) ??
    isUndelivered(order, scene, books) ??
    isUnpaid(order, scene, books) ??
    isBehind(order, scene);
  if (verdict === undefined) return undefined;
  const { purchase, subscription } = order;
  const beacon = books.beaconOf(order);
  return {
    source: "books",
    ...verdict,
    ...(verdict.kind === "server-unpaid" ? costOfServer(beacon, scene) : costOf(subscription)),
    id: `${verdict.kind}:${purchase}`,
    subject: purchase,
    purchase,
    ...(beacon === undefined ? {} : { beacon: beacon.id }),
  };
}

const costOfServer = (beacon: BookedBeacon | undefined, { providers }: Scene) => {
  const answer = providers.find(({ name }) => name === beacon?.provider)?.answer;
  if (answer === undefined || answer instanceof Problem) return {};
  const vps = answer.vpss.find(({ id }) => id === beacon?.providerId);
  return vps === undefined ? {} : answer.costOf(vps);
};

/** What the customer pays. */
const costOf = (subscription: BookedSubscription | undefined) => {
  const { monthlyCents, currency } = subscription ?? {};
  return monthlyCents === undefined || currency === undefined ? {} : { monthlyCents, currency };
};

function isOwedBack({ purchase, beaconName, email, job, payment }: BookedOrder, scene: Scene): Verdict | undefined {
  if (payment === undefined || payment.takenBackAt !== undefined) return undefined;
  const isOwed = payment.takeBackSince !== undefined || (payment.paidAt !== undefined && job?.state === "CANCELLED");
  const since = payment.takeBackSince ?? job?.enteredAt ?? 0;
  if (!isOwed || scene.now - since < scene.quietMs) return undefined;
  return {
    kind: "refund-owed",
    title: `What was paid for ${beaconName} is not given back to ${email}`,
    detail: `The order was called off on ${dayOf(since)}, and nobody has seen to it to the end that nothing is paid for it.`,
    hint: "The hub tries again by itself every night, or now with --fix.",
    fix: { kind: "take-back", purchase },
  };
}

function isUndelivered(order: BookedOrder, scene: Scene, books: LookUp): Verdict | undefined {
  const { beaconName, email, job, payment, subscription } = order;
  if (payment?.paidAt === undefined || payment.takeBackSince !== undefined || job?.state === "CANCELLED")
    return undefined;
  const beacon = books.beaconOf(order);
  const undelivered = (detail: string, hint: string, source = "books"): Verdict => ({
    kind: "customer-without-server",
    title: `${email} pays for ${beaconName}, and has no server`,
    ...{ detail, hint, source },
  });
  if (job === undefined || job.state === "COMPLETED") {
    // Whoever detached it has it still.
    const isThere = beacon !== undefined && (beacon.removedAt === undefined || beacon.leftAt !== undefined);
    if (isThere || scene.stripe === undefined || scene.stripe instanceof Problem) return undefined;
    if (subscription === undefined || !isCharging(subscription.status)) return undefined;
    const since = beacon?.removedAt ?? 0;
    if (scene.now - since < scene.quietMs || (beacon !== undefined && books.isBusy(beacon.id))) return undefined;
    const what = beacon === undefined ? "There is no beacon of it" : `The beacon was removed on ${dayOf(since)}`;
    return undelivered(
      `${what}, and the subscription ${subscription.id} goes on.`,
      "End the subscription at Stripe, and give back what was paid since then.",
      "stripe",
    );
  }
  if (job.finishedAt !== undefined) {
    if (scene.now - job.finishedAt < scene.quietMs) return undefined;
    return undelivered(
      `Its job has failed on ${dayOf(job.finishedAt)}, and nothing works on it.`,
      "Retry the job, or cancel it: then what was paid is given back.",
    );
  }
  const since = Math.max(job.createdAt, payment.paidAt);
  if (scene.now - since < scene.lateMs) return undefined;
  return undelivered(
    `It was paid on ${dayOf(since)}, and its job is in ${job.state} still.`,
    "Look at what the job waits for, or cancel it: then what was paid is given back.",
  );
}

/** Where something else is in the way than work that is over in a while. */
function isBehind({ beaconName, email, subscription }: BookedOrder, scene: Scene): Verdict | undefined {
  const behind = subscription?.behind;
  if (behind === undefined || scene.now - behind.since < BEHIND_MS) return undefined;
  const { message, hint } = behind.problem;
  return {
    kind: "beacon-behind",
    title: `${beaconName} is not what ${email} pays for`,
    detail: `What is paid for was changed by ${dayOf(behind.since)}, and the beacon could not be: ${message}.`,
    hint: `${hint ?? "See in its log what is in the way."} The hub tries again within a quarter of an hour; or agree with the customer on what it was.`,
  };
}

function isUnpaid(order: BookedOrder, scene: Scene, books: LookUp): Verdict | undefined {
  const { beaconName, job, payment, subscription } = order;
  const beacon = books.beaconOf(order);
  if (beacon === undefined || beacon.removedAt !== undefined || books.isBusy(beacon.id)) return undefined;
  if (payment?.takenBackAt !== undefined) {
    if (job !== undefined && job.finishedAt === undefined) return undefined;
    if (scene.now - Math.max(payment.takenBackAt, job?.finishedAt ?? 0) < scene.quietMs) return undefined;
    return {
      kind: "server-unpaid",
      title: `Nobody pays for ${beaconName}`,
      detail: `What was paid for it was given back on ${dayOf(payment.takenBackAt)}, and it is served all the same.`,
      hint: "Delete the beacon, or agree with its owner on another order.",
    };
  }
  if (subscription === undefined || scene.stripe === undefined || scene.stripe instanceof Problem) return undefined;
  const { endedAt, pastDueSince, id } = subscription;
  const since = endedAt ?? pastDueSince;
  if (since === undefined || scene.now - since < scene.graceMs) return undefined;
  const what = endedAt === undefined ? "has not been paid since" : "ended on";
  return {
    kind: "server-unpaid",
    source: "stripe",
    title: `Nobody pays for ${beaconName}`,
    detail: `The subscription ${id} ${what} ${dayOf(since)}, and its time to be removed is over.`,
    hint: "See in the log why it was not removed. Delete the beacon, or agree with its owner.",
  };
}
