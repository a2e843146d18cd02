import { Problem } from "#shared/problem.ts";
import { type LookUp, lookUpIn } from "./look-up.ts";
import { planOrders } from "./plan-orders.ts";
import { planRecords } from "./plan-records.ts";
import { planServers } from "./plan-servers.ts";
import { planSubscriptions } from "./plan-subscriptions.ts";
import { dayOf, LONG_MS, type PlannedFinding } from "./planned-finding.ts";
import type { Scene } from "./scene.ts";

/** What a comparison came to. */
export interface Comparison {
  readonly findings: readonly PlannedFinding[];
  /** Who answered: what was found there before and is not found now is over. */
  readonly answered: ReadonlySet<string>;
}

/**
 * Compares Stripe, what providers have, and our books. The books have to be the newest of the three: what was made while the others were
 * asked is in them then. Who could not be asked is a finding itself. Pure.
 */
export function planFindings(scene: Scene): Comparison {
  const books = lookUpIn(scene.books);
  const { stripe, providers, dns } = scene;
  const answered = new Set(["books"]);
  if (!(stripe instanceof Problem)) answered.add("stripe");
  if (!(dns instanceof Problem)) answered.add("dns");
  for (const { name, answer } of providers) if (!(answer instanceof Problem)) answered.add(name);
  return {
    findings: [
      ...planOrders(scene, books),
      ...planServers(scene, books),
      ...planRecords(scene),
      ...planSubscriptions(scene, books),
      ...planNotices(scene, books),
      ...planMails(scene),
      ...planUnreachable(scene),
    ],
    answered,
  };
}

/** How long is shown what only the operator can look up: then its invoice is long paid. */
const LISTED_MS = 60 * LONG_MS;

/** What nobody will tell Stripe any more, or has not managed to for a day. */
const planNotices = ({ books: { notices }, now }: Scene, books: LookUp): PlannedFinding[] =>
  notices
    .filter(({ isGivenUp, at }) => (isGivenUp ? now - at < LISTED_MS : now - at >= LONG_MS))
    .map(({ id, purchase, kind, at, problem }) => ({
      ...{ id: `notice-untold:${id}`, kind: "notice-untold", subject: id, source: "books", purchase },
      title: `${kind === "credit" ? "A credit" : "Usage"} of ${books.purchase(purchase)?.beaconName ?? purchase} may not have reached Stripe`,
      detail: `It is of ${dayOf(at)}. ${problem === undefined ? "It was never sent" : sentence(problem.message)}.`,
      hint: problem?.hint ?? "It is sent as soon as Stripe takes it.",
    }));

/** Mail servers may turn away what comes for the first time: after this it is no such thing. */
const MAIL_LATE_MS = LONG_MS / 24;

const planMails = ({ books: { mails }, now }: Scene): PlannedFinding[] =>
  mails
    .filter(({ since }) => now - since >= MAIL_LATE_MS && now - since < LISTED_MS)
    .map(({ recipient, count, subject, since }) => ({
      ...{ id: `mail-unsent:${recipient}`, kind: "mail-unsent", subject: recipient, source: "books" },
      title: count === 1 ? `A mail to ${recipient} does not go out` : `${count} mails to ${recipient} do not go out`,
      detail: `“${subject}”${count === 1 ? "" : ", and others,"} since ${dayOf(since)}.`,
      hint: "Each is tried for five days. The log of the hub has what the mail server said; a welcome mail can be sent again on the page of its job.",
    }));

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

function planUnreachable({ stripe, providers, dns, books }: Scene): PlannedFinding[] {
  const silent = providers.flatMap(({ name, title, answer }) =>
    answer instanceof Problem ? [unreachable(name, title, answer)] : [],
  );
  const known = new Set(providers.map(({ name }) => name));
  const present = books.beacons.filter(
    ({ removedAt, providerId }) => removedAt === undefined && providerId !== undefined,
  );
  const forgotten = [...new Set(present.map(({ provider }) => provider))].filter((name) => !known.has(name));
  const missing = new Problem("provider_credentials", "the hub has no credentials for it, and beacons there", {
    hint: "Put them in, so that the hub can look after what is there.",
  });
  return [
    ...silent,
    ...forgotten.map((name) => unreachable(name, name, missing)),
    ...(stripe instanceof Problem ? [unreachable("stripe", "Stripe", stripe)] : []),
    ...(dns instanceof Problem ? [unreachable("dns", "Who answers for the names of beacons", dns)] : []),
  ];
}

const unreachable = (name: string, title: string, { message, hint }: Problem): PlannedFinding => ({
  ...{ id: `unreachable:${name}`, kind: "unreachable", subject: name, source: "books" },
  title: `${title} could not be asked`,
  detail: `It was not compared with the books: ${message}. What was found there before still stands.`,
  hint: hint ?? "It is asked again at the next comparison.",
  ...(name === "stripe" || name === "dns" ? {} : { provider: name }),
});
