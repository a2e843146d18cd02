import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { openDatabase } from "#hub/store/database.ts";
import { BillingPage } from "#shared/api/billing.ts";
import { JobView } from "#shared/api/hub.ts";
import { startChildHub } from "#test/hub/child-hub.ts";
import { createTestClient } from "#test/hub/test-client.ts";
import { operator, testConfig } from "#test/hub/test-hub.ts";
import { hasContracts } from "#test/simulators/contract.ts";
import { CARDS } from "#test/simulators/stripe/cards.ts";
import { SECRET_KEY, startStripe } from "#test/simulators/stripe/stripe.ts";
import { stock, WEBHOOK_SECRET } from "./shop.ts";

const PURCHASES = 8;
const DEATHS = 8;

/** xorshift32 (Marsaglia 2003): the same deaths for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

it.skipIf(!hasContracts())(
  "a hub that is killed again and again sells everything once",
  async () => {
    const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 2 ** 31));
    console.log(`SEED=${seed}`);
    const random = randomOf(seed);
    const folder = mkdtempSync(join(tmpdir(), "wopr-killed-"));
    const stripe = await startStripe();
    stock(stripe);
    writeFileSync(join(folder, "key"), SECRET_KEY);
    writeFileSync(join(folder, "secrets"), WEBHOOK_SECRET);
    const config = await testConfig(folder, {
      billing: {
        stripe: {
          secretKeyFile: join(folder, "key"),
          webhookSecretsFile: join(folder, "secrets"),
          endpoint: stripe.url,
        },
        terminateAfterDays: 30,
      },
    });
    stripe.webhooks.aim(`${config.publicUrl}/api/webhooks/stripe`, [WEBHOOK_SECRET]);
    stripe.webhooks.behave({ copies: 2, isReversed: true });
    let hub = await startChildHub(config);
    const db = openDatabase(join(config.dataDirectory, "hub.sqlite"));
    try {
      const client = createTestClient(config.publicUrl);
      const code = readFileSync(join(config.dataDirectory, "setup-code"), "utf8");
      await client.post("/api/setup", { code, ...operator });
      const purchases: string[] = [];
      for (let index = 0; index < PURCHASES; index += 1) {
        const order = {
          email: "ada@example.org",
          beacon: `b-${index}x`,
          modules: ["page"],
          prices: ["bundle_starter_t1"],
        };
        purchases.push(JobView.parse((await client.post("/api/orders", order)).body).purchase ?? "");
      }

      let isDying = true;
      /** What a customer does: tries until there is a page, and pays there once. */
      const buy = async (purchase: string) => {
        for (;;) {
          const answer = await client.post(`/api/purchases/${purchase}/checkout`).catch(() => undefined);
          const page = BillingPage.safeParse(answer?.body);
          if (page.success) {
            const body = new URLSearchParams({ card: CARDS.good });
            await fetch(page.data.url, { method: "POST", redirect: "manual", body });
            return;
          }
          await sleep(50);
        }
      };
      const deaths = (async () => {
        for (let nth = 0; nth < DEATHS; nth += 1) {
          await sleep(random() * 400);
          await hub.kill();
          hub = await startChildHub(config);
        }
        isDying = false;
      })();
      for (const [index, purchase] of purchases.entries()) {
        // Spread over the deaths.
        if (index > 0 && isDying) await sleep(random() * 1_000);
        await buy(purchase);
      }
      await deaths;
      await stripe.webhooks.settled();

      const unpaid = () => db.selectFrom("payment").select("purchase").where("paid_at", "is", null).execute();
      await expect.poll(unpaid, { timeout: 60_000 }).toEqual([]);
      const pending = () => db.selectFrom("job").select("id").where("state", "=", "PENDING").execute();
      await expect.poll(pending, { timeout: 60_000 }).toEqual([]);
      const open = () => db.selectFrom("stripe_event").select("id").where("handled_at", "is", null).execute();
      await expect.poll(open, { timeout: 60_000 }).toEqual([]);
      const known = await db.selectFrom("subscription").select("purchase").execute();
      expect(known.map(({ purchase }) => purchase).sort()).toEqual([...purchases].sort());
      expect(stripe.world.subscriptions.all()).toHaveLength(PURCHASES);
      expect(stripe.world.customers.all()).toHaveLength(1);
      expect(stripe.world.paymentIntents.all()).toHaveLength(PURCHASES);
      expect(stripe.violations).toEqual([]);
    } finally {
      await hub.kill();
      await db.destroy();
      await stripe.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  240_000,
);
