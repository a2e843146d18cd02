import { Problem } from "#shared/problem.ts";
import { type Business, type BusinessOptions, openBusiness } from "./business.ts";
import { buy, demoOrder, followPurchase } from "./buy.ts";
import { type Delivered, inspect } from "./verify.ts";

/** Everything from a purchase to a beacon that runs its apps, while it runs. */
export interface Demo extends Business {
  readonly delivered: Delivered;
}

/**
 * Walks the whole way: opens the business, buys there, and follows the order until the beacon is up.
 * @throws {Problem} of the stage that failed.
 */
export async function deliver(options: BusinessOptions): Promise<Demo> {
  const { stages, print } = options;
  const business = await openBusiness(options);
  const { hub, client } = business;
  const purchase = await stages.run("bought on the site, paid with a test card", async (note) => {
    note(`${demoOrder.bundle} for ${demoOrder.email}`);
    return buy(hub.url);
  });
  print(`            beacon "${demoOrder.beacon}" with ${demoOrder.modules.join(", ")}`);
  const job = await stages.run("delivered", () =>
    followPurchase(client, purchase, (state, ms) =>
      print(`  ${`${(ms / 1000).toFixed(1)} s`.padStart(8)}    ${state}`),
    ),
  );
  if (job.beacon === undefined) throw new Problem("internal", `the completed job ${job.id} names no beacon`);
  const { beacon } = job;
  const delivered = await stages.run("all apps run", () => inspect(client, beacon));
  return { ...business, delivered };
}
