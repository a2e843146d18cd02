import { describe, expect, it } from "vitest";
import type { Bundle, ListedModule, ShopCatalog } from "#shared/catalog/catalog.ts";
import { checkCatalog } from "#shared/catalog/check-catalog.ts";
import { moduleDirectory } from "#shared/catalog/module-directory.ts";
import { tiers } from "#shared/catalog/tiers.ts";

const modules = new Map(moduleDirectory.map((module) => [module.id, module]));

const notes: Bundle = {
  id: "notes",
  kind: "micro",
  name: "Notes",
  tagline: "Notes",
  about: "Notes and passwords.",
  appCount: 2,
  modules: ["hedgedoc", "vaultwarden"],
  smallestServer: "t1",
  prices: { t1: 1000, t2: 2000, t3: 3000 },
};

const catalogOf = (bundle: Partial<Bundle>, others: Partial<ShopCatalog> = {}): ShopCatalog => ({
  currency: "usd",
  tiers: [...tiers],
  bundles: [{ ...notes, ...bundle }],
  addOns: [],
  storage: [],
  ...others,
});

const findings = (
  bundle: Partial<Bundle>,
  others?: Partial<ShopCatalog>,
  known: ReadonlyMap<string, ListedModule> = modules,
) => checkCatalog(catalogOf(bundle, others), known);

describe("checkCatalog", () => {
  it("finds nothing in a catalog that is right", () => expect(findings({})).toEqual([]));

  it("names a module that is none", () => {
    expect(findings({ modules: ["hedgedoc", "vaultwarten"] })).toEqual([
      "bundle notes names vaultwarten, which is no module",
    ]);
  });

  it("names a count that does not hold", () => {
    expect(findings({ appCount: 3 })).toEqual(["bundle notes promises 3 apps and has 2"]);
  });

  it("counts neither the core modules nor an app that is there twice", () => {
    expect(findings({ modules: ["hedgedoc", "redis"] })).toEqual([
      "bundle notes counts redis, which every beacon has anyway",
    ]);
    expect(findings({ modules: ["hedgedoc", "hedgedoc"] })).toEqual(["bundle notes has hedgedoc twice"]);
  });

  it("names each tier whose server is too small", () => {
    expect(findings({ modules: ["immich", "vaultwarden"] })).toEqual([
      "bundle notes needs 4608 MB of memory, and tier t1 has 4096",
    ]);
    expect(findings({ modules: ["immich", "vaultwarden"], smallestServer: "t2" })).toEqual([]);
  });

  it("goes by what it is told of the modules", () => {
    const hungry = moduleDirectory.map((module) => (module.id === "hedgedoc" ? { ...module, memoryMb: 6000 } : module));
    const known = new Map(hungry.map((module) => [module.id, module]));
    expect(findings({}, {}, known)).toEqual([
      "bundle notes needs 8560 MB of memory, and tier t1 has 4096",
      "bundle notes needs 8560 MB of memory, and tier t2 has 8192",
    ]);
  });

  it("names a price that is missing", () => {
    expect(findings({ prices: { t1: 1000, t3: "contact" } })).toEqual(["bundle notes has no price at tier t2"]);
  });

  it("keeps Ollama off the smallest tier, in bundles and as an add-on", () => {
    const withModels = { modules: ["hedgedoc", "ollama"], smallestServer: "t2" as const };
    expect(findings(withModels)).toEqual(["bundle notes has ollama at tier t1, and it is sold from tier t2 on"]);
    const addOns = [{ id: "ollama", modules: ["ollama"], priceCents: 1499, fromTier: "t1" as const }];
    expect(findings({}, { addOns })).toEqual(["add-on ollama has ollama, which is sold from tier t2 on"]);
  });

  it("names what is there twice, and add-ons of nothing", () => {
    const addOn = { id: "chat", modules: ["chatt"], priceCents: 100, fromTier: "t1" as const };
    const gb = { id: "big", storageGb: 100, priceCents: 100 };
    expect(findings({}, { bundles: [notes, notes], addOns: [addOn, addOn], storage: [gb, gb] })).toEqual([
      "bundle notes is there twice",
      "add-on chat is there twice",
      "add-on chat names chatt, which is no module",
      "add-on chat names chatt, which is no module",
      "storage big is there twice",
    ]);
  });

  it("names a tier that is missing, and one that has less than a smaller one", () => {
    const [t1, t2, t3] = tiers;
    if (t1 === undefined || t2 === undefined || t3 === undefined) throw new Error("three tiers");
    expect(findings({}, { tiers: [t1, t2, t2] })).toEqual(["there is no tier t3"]);
    expect(findings({}, { tiers: [t1, { ...t2, storageGb: 20 }, t3] })).toEqual([
      "tier t2 has a smaller storageGb (20) than t1 (50)",
    ]);
  });
});
