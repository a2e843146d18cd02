import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startShop, type TestShop } from "#test/hub/billing/shop.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "wopr billing sync" : NO_CONTRACTS, () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(() => shop.stop());

  const main = join(import.meta.dirname, "../../cli/main.ts");
  const run = (...argv: string[]): Promise<{ code: number; out: string; said: string }> =>
    new Promise((resolve) => {
      const socket = join(shop.hub.config.dataDirectory, "root.sock");
      execFile(process.execPath, [main, "billing", "sync", ...argv, "--hub", socket], (error, out, said) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, said }),
      );
    });

  it("says what it will do, does it, and has nothing to do the second time", async () => {
    const product = shop.stripe.world.products.get("addon_bookstack");
    product.name = "Something else";
    expect(await run("--dry-run")).toMatchObject({ code: 0, out: "call addon_bookstack: BookStack\n" });
    expect(product.name).toBe("Something else");
    expect(await run()).toMatchObject({ code: 0, said: "Done: 1 change.\n" });
    expect(product.name).toBe("BookStack");
    expect(await run()).toMatchObject({ code: 0, out: "", said: "Stripe has what the catalog says.\n" });
    expect(shop.stripe.violations).toEqual([]);
  });
});
