import { describe, expect, it } from "vitest";
import { openStock, ShopSettings } from "#hub/shop/stock.ts";
import { offerOf } from "#shared/catalog/offer.ts";
import type { Manifest } from "#shared/modules/manifest.ts";
import { Manifest as ManifestSchema } from "#shared/modules/manifest.ts";
import { Problem } from "#shared/problem.ts";
import { tiny } from "../site/site-hub.ts";

const manifest = (id: string, memoryMb = 64): Manifest =>
  ManifestSchema.parse({
    ...{ id, version: "1.0.0", title: `The ${id}`, category: "productivity", summary: `A ${id}.`, description: id },
    ...{ replaces: [], addonCentsPerMonth: 0, resources: { memoryMb, cpus: 1, diskMb: 1 } },
    sources: ["https://example.org/"],
  });

const open = (settings: unknown, ...manifests: Manifest[]) =>
  openStock(ShopSettings.parse(settings), new Map(manifests.map((one) => [one.id, one])));
const findings = (settings: unknown, ...manifests: Manifest[]) => {
  try {
    open(settings, ...manifests);
  } catch (error) {
    if (error instanceof Problem) return [error.code, error.details?.findings];
    throw error;
  }
  return [];
};

describe("the stock", () => {
  it("has all bundles, and sells those whose modules are all there", () => {
    const stock = open({}, manifest("nextcloud"), manifest("immich"), manifest("vaultwarden"), manifest("jellyfin"));
    expect(stock.catalog.bundles).toHaveLength(24);
    const states = stock.states();
    expect(states.filter(({ state }) => state === "sold")).toEqual([
      { id: "family-hub", name: "Family Hub", state: "sold", missing: [] },
    ]);
    expect(states.find(({ id }) => id === "starter")).toEqual({
      ...{ id: "starter", name: "Starter", state: "coming" },
      missing: ["standardnotes", "hedgedoc", "freshrss", "ntfy"],
    });
  });

  it("takes the operator's prices, bundles, and what they switch off", () => {
    const prices = { bundle_tiny_t3: 4000, bundle_enterprise_t3: 99_900, addon_ollama: 1, storage_200gb: 2 };
    const stock = open({ bundles: [tiny], prices, off: ["starter"] }, manifest("page"));
    const bundle = (id: string) => stock.catalog.bundles.find((one) => one.id === id);
    expect(bundle("tiny")?.prices).toEqual({ t1: 1000, t2: 2050, t3: 4000 });
    expect(bundle("enterprise")?.prices.t3).toBe(99_900);
    expect(stock.catalog.addOns.find(({ id }) => id === "ollama")?.priceCents).toBe(1);
    expect(stock.catalog.storage.map(({ priceCents }) => priceCents)).toEqual([2, 2499]);
    expect(bundle("starter")).toBeUndefined();
    expect(stock.states().find(({ id }) => id === "starter")?.state).toBe("off");
  });

  it("lets a bundle of the operator's take the place of one", () => {
    const stock = open({ bundles: [{ ...tiny, id: "starter" }] }, manifest("page"));
    expect(stock.catalog.bundles).toHaveLength(24);
    expect(stock.catalog.bundles[0]).toMatchObject({ id: "starter", name: "Tiny" });
  });

  it("goes by the memory that a manifest asks for", () => {
    const [code, found] = findings({}, manifest("vaultwarden", 3000));
    expect(code).toBe("invalid_input");
    expect(found).toContain("bundle starter needs 6712 MB of memory, and tier t1 has 4096");
    expect(found).not.toContainEqual(expect.stringContaining("enterprise-"));
  });

  it("names everything that is wrong", () => {
    const bundles = [{ ...tiny, modules: ["page", "pgae"], appCount: 3 }];
    const off = ["nosuch"];
    const prices = { bundle_nosuch_t1: 100, bundle_tiny_t4: 100 };
    expect(findings({ bundles, off, prices }, manifest("page"))).toEqual([
      "invalid_input",
      [
        "shop.off names nosuch, which is no bundle",
        "shop.prices names bundle_nosuch_t1, which nothing has",
        "shop.prices names bundle_tiny_t4, which nothing has",
        "bundle tiny names pgae, which is no module",
        "bundle tiny promises 3 apps and has 2",
      ],
    ]);
  });

  it("refuses prices that are none", () => {
    for (const price of [0, -1, 9.99, "10", Number.NaN]) {
      expect(ShopSettings.safeParse({ prices: { bundle_starter_t1: price } }).success).toBe(false);
    }
  });

  it("says what a module of the operator's own is", () => {
    const stock = open({ bundles: [tiny] }, manifest("page"));
    expect(stock.modules.get("page")).toMatchObject({ title: "The page", purpose: "A page.", memoryMb: 64 });
    const [offer] = stock.catalog.bundles
      .filter(({ id }) => id === "tiny")
      .map((one) => offerOf(stock.catalog, one, "t1"));
    expect(offer?.memoryMb).toBe(4096);
  });
});
