import { describe, expect, it } from "vitest";
import { defaultCatalog } from "#shared/catalog/default-catalog.ts";
import { moduleDirectory } from "#shared/catalog/module-directory.ts";
import { resolveSelection, type Selection } from "#shared/catalog/selection.ts";

const sold = { catalog: defaultCatalog, modules: new Map(moduleDirectory.map((module) => [module.id, module])) };
const starter: Selection = { bundle: "starter", tier: "t1", addOns: [] };

const quote = (selection: Partial<Selection>) => {
  const found = resolveSelection(sold, { ...starter, ...selection });
  if ("objections" in found) throw new Error(JSON.stringify(found.objections));
  return found;
};
const objections = (selection: Partial<Selection>) => {
  const found = resolveSelection(sold, { ...starter, ...selection });
  return "objections" in found ? found.objections : [];
};

describe("a selection", () => {
  it("comes to the price of its bundle", () => {
    expect(quote({})).toMatchObject({
      lines: [{ key: "bundle_starter_t1", title: "Starter T1", priceCents: 2999 }],
      totalCents: 2999,
      storageGb: 50,
      modules: ["nextcloud", "standardnotes", "vaultwarden", "hedgedoc", "freshrss", "ntfy"],
    });
  });

  it("comes to more with add-ons and storage, each once", () => {
    const found = quote({ tier: "t2", addOns: ["ollama", "kimai", "ollama"], storage: "500gb" });
    expect(found.lines).toEqual([
      { key: "bundle_starter_t2", title: "Starter T2", priceCents: 4599 },
      { key: "addon_ollama", title: "Ollama", priceCents: 1499 },
      { key: "addon_kimai", title: "Kimai", priceCents: 299 },
      { key: "storage_500gb", title: "500 GB of storage", priceCents: 2499 },
    ]);
    expect(found.totalCents).toBe(4599 + 1499 + 299 + 2499);
    expect(found.storageGb).toBe(500);
    expect(found.modules.slice(-2)).toEqual(["ollama", "kimai"]);
  });

  it("takes the server that the bundle needs, whatever its tier", () => {
    expect(quote({ bundle: "family-hub" }).offer).toMatchObject({ tier: "t1", server: "t2", memoryMb: 8192 });
  });

  it.each([
    [{ bundle: "nosuch" }, "bundle", /not sold/],
    [{ bundle: "__proto__" }, "bundle", /not sold/],
    [{ bundle: "enterprise", tier: "t3" }, "tier", /Write to us/],
    [{ addOns: ["nosuch"] }, "addOns", /no add-on nosuch/],
    [{ addOns: ["ollama"] }, "addOns", /from T2 on/],
    [{ bundle: "legal-lite", addOns: ["documenso"] }, "addOns", /in Legal Lite already/],
    [{ storage: "1tb" }, "storage", /not sold/],
    [{ tier: "t2", storage: "200gb" }, "storage", /has 200 GB already/],
    [
      { addOns: ["immich"] },
      "addOns",
      /need 6 GB of memory, and this server has 4 GB: choose T2, or take an add-on off/,
    ],
    [{ bundle: "enterprise", tier: "t2", addOns: ["ollama"] }, "addOns", /take an add-on off/],
  ] as const)("is refused when it is %j, with what to do", (selection, field, message) => {
    const found = objections({ ...selection, addOns: [...("addOns" in selection ? selection.addOns : [])] });
    expect(found).toEqual([{ field, message: expect.stringMatching(message) }]);
  });

  it("is told everything that is wrong with it at once", () => {
    expect(objections({ addOns: ["ollama", "nosuch"], storage: "1tb" }).map(({ field }) => field)).toEqual([
      ...["addOns", "addOns", "storage"],
    ]);
  });
});
