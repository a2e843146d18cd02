import { Problem } from "#shared/problem.ts";
import type { Billing } from "../billing/billing.ts";
import type { StripeSubscription } from "../billing/subscriptions-at-stripe.ts";
import type { Dns } from "../dns/dns.ts";
import type { ProviderMarket } from "../providers/market.ts";
import type { Provider, ProviderKind, Vps } from "../providers/provider.ts";
import { beaconIdOf } from "../provisioning/derived-ids.ts";
import type { readBooked } from "../store/booked.ts";
import { isCharging } from "./plan-orders.ts";
import type { AskedProvider, Books, Cost, Scene } from "./scene.ts";

export interface ObserveParts {
  readonly market: Pick<ProviderMarket, "names" | "open">;
  readonly kinds: readonly Pick<ProviderKind, "name" | "title" | "lacks">[];
  readonly dns: Pick<Dns, "list">;
  /** Domain under which beacons live. */
  readonly zone: string;
  /** `undefined` where nothing is sold. */
  readonly billing: Pick<Billing, "subscriptionsAtStripe" | "lookAgain"> | undefined;
  readonly readBooked: () => ReturnType<typeof readBooked>;
  /** Ids of beacons that something is being done to. */
  readonly changing: () => Promise<readonly string[]>;
  /** Told of what is no answer of a vendor's, but a defect, and of prices that could not be had. */
  readonly onError: (error: unknown) => void;
}

/** All that is compared, but for the time. The books are read last: what was made while the others were asked is in them. */
export interface Observe {
  all(): Promise<Pick<Scene, "books" | "providers" | "dns" | "stripe">>;
  /** What these providers have now, without what it costs, where names lead, and the books after that. */
  again(providers: readonly string[]): Promise<Pick<Scene, "books" | "providers" | "dns">>;
}

export function createObserve({
  market,
  kinds,
  dns,
  zone,
  billing,
  readBooked,
  changing,
  onError,
}: ObserveParts): Observe {
  const settle = <T>(asked: Promise<T>): Promise<T | Problem> =>
    asked.catch((thrown: unknown) => {
      const problem = Problem.wrap(thrown);
      if (problem.code === "internal") onError(problem);
      return problem;
    });

  const readBooks = async (): Promise<Books> => {
    // Before and after: a change that begins or ends while the books are read is a change all the same.
    const busy = new Set(await changing());
    const { beacons, orders, notices, mails } = await readBooked();
    for (const id of await changing()) busy.add(id);
    return {
      beacons,
      notices,
      mails,
      orders: orders.map(({ job, ...order }) => ({
        ...order,
        job: job === undefined ? undefined : { ...job, beacon: beaconIdOf(job.id) },
      })),
      busy,
    };
  };

  const costsOf = async (provider: Provider, vpss: readonly Vps[]): Promise<Map<string, Cost>> => {
    const costs = new Map<string, Cost>();
    for (const region of new Set(vpss.map((vps) => vps.region))) {
      for (const { name, monthlyCents, currency } of await provider.sizes(region)) {
        if (monthlyCents !== undefined && currency !== undefined)
          costs.set(`${region} ${name}`, { monthlyCents, currency });
      }
    }
    return costs;
  };

  const ask = async (name: string, withCosts: boolean): Promise<AskedProvider> => {
    const kind = kinds.find((one) => one.name === name);
    const rentsByTerm = kind?.lacks?.includes("deletion") ?? false;
    const opened = await settle(market.open(name));
    if (opened instanceof Problem) return { name, title: kind?.title ?? name, rentsByTerm, answer: opened };
    const about = { name, title: opened.title, rentsByTerm };
    const vpss = await settle(opened.list());
    if (vpss instanceof Problem) return { ...about, answer: vpss };
    const costs = withCosts ? await settle(costsOf(opened, vpss)) : undefined;
    // Without prices it is compared all the same.
    if (costs instanceof Problem) onError(costs);
    const costOf = ({ region, size }: Vps) => (costs instanceof Map ? costs.get(`${region} ${size}`) : undefined);
    return { ...about, answer: { vpss, costOf } };
  };

  /** What Stripe has, with our own note of it brought to that where a webhook never came. */
  const askStripe = async (selling: NonNullable<typeof billing>): Promise<StripeSubscription[]> => {
    const present = await selling.subscriptionsAtStripe();
    const { orders } = await readBooked();
    const noted = new Map(orders.map((order) => [order.purchase, order]));
    const stale = present.filter(({ id, purchase, status, monthlyCents }) => {
      const order = noted.get(purchase);
      if (order === undefined || (order.payment?.subscription ?? id) !== id) return false;
      return order.subscription?.status !== status || order.subscription.monthlyCents !== monthlyCents;
    });
    const there = new Set(present.map(({ id }) => id));
    const gone = orders.flatMap(({ purchase, subscription }) =>
      subscription !== undefined && isCharging(subscription.status) && !there.has(subscription.id)
        ? [{ id: subscription.id, purchase }]
        : [],
    );
    for (const { id, purchase } of [...stale, ...gone]) await selling.lookAgain({ subscription: id, purchase });
    return present;
  };

  return {
    all: async () => {
      const names = await market.names();
      const [stripe, served, ...providers] = await Promise.all([
        billing === undefined ? undefined : settle(askStripe(billing)),
        settle(dns.list(zone)),
        ...names.map((name) => ask(name, true)),
      ]);
      return { providers, dns: served, stripe, books: await readBooks() };
    },
    again: async (wanted) => {
      const names = (await market.names()).filter((name) => wanted.includes(name));
      const [served, ...providers] = await Promise.all([
        settle(dns.list(zone)),
        ...names.map((name) => ask(name, false)),
      ]);
      return { providers, dns: served, books: await readBooks() };
    },
  };
}
