import { describe, expect, it } from "vitest";
import { ListedModule, ShopCatalog } from "#shared/catalog/catalog.ts";
import { checkCatalog } from "#shared/catalog/check-catalog.ts";
import { defaultCatalog } from "#shared/catalog/default-catalog.ts";
import { moduleDirectory } from "#shared/catalog/module-directory.ts";
import { offerOf, pricesOf } from "#shared/catalog/offer.ts";

const modules = new Map(moduleDirectory.map((module) => [module.id, module]));
const bundle = (id: string) => {
  const found = defaultCatalog.bundles.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no bundle ${id}`);
  return found;
};

describe("the catalog that comes with WOPR", () => {
  it("has nothing wrong with it", () => {
    expect(ShopCatalog.parse(defaultCatalog)).toEqual(defaultCatalog);
    expect(checkCatalog(defaultCatalog, modules)).toEqual([]);
  });

  it.each([
    ["starter", 6, 2999, 4599, 6599],
    ["creator", 9, 5599, 7999, 11_999],
    ["developer", 12, 5599, 7999, 11_999],
    ["professional", 22, 9999, 14_999, 19_999],
    ["family", 8, 5599, 7999, 11_999],
    ["small-business", 21, 12_999, 17_999, 24_999],
    ["enterprise", 44, 24_999, 34_999, "contact"],
    ["personal-productivity", 5, 2999, 4599, 6599],
    ["meeting-room", 4, 2999, 4599, 6599],
    ["privacy-pack", 4, 2999, 4599, 6599],
    ["writers-studio", 5, 2999, 4599, 6599],
    ["podcaster-pack", 5, 3599, 5599, 7999],
    ["freelancer-essentials", 5, 3599, 5599, 7999],
    ["contractor-pro", 5, 3599, 5599, 7999],
    ["musician", 5, 3599, 5599, 7999],
    ["bookkeeper", 5, 3599, 5599, 7999],
    ["artist-storefront", 4, 4599, 6599, 9599],
    ["family-hub", 4, 4599, 6599, 9599],
    ["video-creator", 5, 4599, 6599, 9599],
    ["real-estate-agent", 5, 4599, 6599, 9599],
    ["educator-suite", 5, 4599, 6599, 9599],
    ["photographer-pro", 5, 5599, 7999, 11_999],
    ["therapist-coach", 5, 5599, 7999, 11_999],
    ["legal-lite", 6, 5599, 7999, 11_999],
  ] as const)("sells %s with %i apps at its prices", (id, apps, t1, t2, t3) => {
    const { modules: has, prices } = bundle(id);
    expect({ apps: new Set(has).size, ...prices }).toEqual({ apps, t1, t2, t3 });
  });

  it("has seven suites and seventeen micro-bundles", () => {
    const kinds = defaultCatalog.bundles.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "suite")).toHaveLength(7);
    expect(kinds.filter((kind) => kind === "micro")).toHaveLength(17);
  });

  it("makes Professional of Creator, Developer and the gateway, and keeps Ollama out of every bundle", () => {
    const parts = [...bundle("creator").modules, ...bundle("developer").modules, "defcon-one"];
    expect([...bundle("professional").modules].sort()).toEqual(parts.sort());
    expect(defaultCatalog.bundles.filter(({ modules }) => modules.includes("ollama"))).toEqual([]);
    expect(defaultCatalog.addOns.find(({ id }) => id === "ollama")).toEqual({
      ...{ id: "ollama", modules: ["ollama"], priceCents: 1499, fromTier: "t2" },
    });
  });

  it("gives each tier its room, and more where the bundle promises more", () => {
    expect(offerOf(defaultCatalog, bundle("starter"), "t1")).toMatchObject({
      ...{ server: "t1", memoryMb: 4096, storageGb: 50, users: 5, backupDays: 7 },
    });
    expect(offerOf(defaultCatalog, bundle("starter"), "t2")).toMatchObject({
      ...{ server: "t2", memoryMb: 8192, storageGb: 200, users: 25, backupDays: 30 },
    });
    expect(offerOf(defaultCatalog, bundle("family-hub"), "t1")).toMatchObject({ server: "t2", memoryMb: 8192 });
    expect(offerOf(defaultCatalog, bundle("family"), "t1").users).toBe(6);
    expect(offerOf(defaultCatalog, bundle("family"), "t2").users).toBe(25);
    expect(offerOf(defaultCatalog, bundle("enterprise"), "t1").users).toBe("unlimited");
  });

  it("gives every price a key of its own", () => {
    const prices = pricesOf(defaultCatalog, modules);
    expect(new Set(prices.map(({ key }) => key)).size).toBe(prices.length);
    // 24 bundles at three tiers but for what is agreed with the customer, 44 add-ons, two storage tiers.
    expect(prices).toHaveLength(24 * 3 - 1 + defaultCatalog.addOns.length + 2);
    expect(prices).toContainEqual({ key: "bundle_starter_t1", title: "Starter T1", priceCents: 2999 });
    expect(prices).toContainEqual({ key: "addon_ollama", title: "Ollama", priceCents: 1499 });
    expect(prices).toContainEqual({ key: "storage_200gb", title: "200 GB of storage", priceCents: 999 });
    for (const { key } of prices) expect(key).toMatch(/^(bundle|addon|storage)_[a-z0-9_-]+$/);
  });
});

describe("the directory of modules", () => {
  it("lists 81, each once and whole", () => {
    expect(moduleDirectory).toHaveLength(81);
    expect(modules.size).toBe(81);
    for (const module of moduleDirectory) expect(ListedModule.parse(module)).toEqual(module);
  });

  it("has them in the categories of the ecosystem", () => {
    const counts = Object.entries(Object.groupBy(moduleDirectory, ({ category }) => category)).map(
      ([category, all]) => [category, all?.length],
    );
    expect(Object.fromEntries(counts)).toEqual({
      ...{ core: 4, productivity: 13, security: 6, communication: 8, developer: 14, creator: 10, business: 10 },
      ...{ media: 8, analytics: 8 },
    });
  });
});
