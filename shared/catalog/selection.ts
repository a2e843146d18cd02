import { z } from "zod";
import { DnsLabel, ModuleId } from "../names.ts";
import {
  type AddOn,
  type Bundle,
  type ListedModule,
  type ShopCatalog,
  type StorageTier,
  TierId,
  tierIds,
} from "./catalog.ts";
import { memoryNeedMb, type Offer, offerOf, priceKeys } from "./offer.ts";

/** What somebody wants to buy, by the ids of the catalog. Prices are never taken from who buys. */
export const Selection = z.strictObject({
  bundle: DnsLabel.max(40),
  tier: TierId,
  addOns: z.array(ModuleId).max(60),
  storage: DnsLabel.max(40).exactOptional(),
});
export type Selection = z.output<typeof Selection>;

export const PriceLine = z.strictObject({ key: z.string(), title: z.string(), priceCents: z.number().int() });
export type PriceLine = z.output<typeof PriceLine>;

/** What a selection comes to. */
export interface Quote {
  readonly offer: Offer;
  /** All apps, those of the add-ons too, each once. */
  readonly modules: readonly string[];
  readonly addOns: readonly AddOn[];
  readonly storage: StorageTier | undefined;
  readonly storageGb: number;
  readonly lines: readonly PriceLine[];
  /** A month. */
  readonly totalCents: number;
}

/** Something in a selection that cannot be, and what to do about it. */
export interface Objection {
  readonly field: keyof Selection;
  readonly message: string;
}

interface Sold {
  readonly catalog: ShopCatalog;
  readonly modules: ReadonlyMap<string, ListedModule>;
}

/** Reads a selection against the catalog: its price, its apps and its server, or everything that is wrong with it. Pure. */
export function resolveSelection(sold: Sold, selection: Selection): Quote | { readonly objections: Objection[] } {
  const { catalog, modules } = sold;
  const bundle = catalog.bundles.find(({ id }) => id === selection.bundle);
  if (bundle === undefined) return objection("bundle", "Choose one of the bundles: this one is not sold.");
  const offer = offerOf(catalog, bundle, selection.tier);
  if (typeof offer.price !== "number") {
    return objection(
      "tier",
      `${bundle.name} at ${offer.tier.toUpperCase()} is agreed with you in person. Write to us.`,
    );
  }
  const addOns = [...new Set(selection.addOns)].map((id) => ({
    id,
    addOn: catalog.addOns.find((one) => one.id === id),
  }));
  const objections = addOns.flatMap(({ id, addOn }) => objectionsTo(addOn ?? id, bundle, selection.tier, modules));
  const storage = catalog.storage.find(({ id }) => id === selection.storage);
  if (selection.storage !== undefined) objections.push(...objectionsToStorage(storage, offer));
  const chosen = addOns.flatMap(({ addOn }) => addOn ?? []);
  const apps = [...new Set([...bundle.modules, ...chosen.flatMap((addOn) => addOn.modules)])];
  const needMb = memoryNeedMb(apps, modules);
  if (objections.length === 0 && needMb > offer.memoryMb) {
    objections.push(lackOfMemory(sold, { offer, needMb, hasAddOns: chosen.length > 0 }));
  }
  if (objections.length > 0) return { objections };
  const titled = (id: string) => modules.get(id)?.title ?? id;
  const lines = [
    { key: offer.key, title: `${bundle.name} ${offer.tier.toUpperCase()}`, priceCents: offer.price },
    ...chosen.map(({ id, priceCents }) => ({ key: priceKeys.addOn(id), title: titled(id), priceCents })),
    ...(storage === undefined
      ? []
      : [
          {
            key: priceKeys.storage(storage.id),
            title: `${storage.storageGb} GB of storage`,
            priceCents: storage.priceCents,
          },
        ]),
  ];
  return {
    offer,
    modules: apps,
    addOns: chosen,
    storage,
    storageGb: storage?.storageGb ?? offer.storageGb,
    lines,
    totalCents: lines.reduce((sum, { priceCents }) => sum + priceCents, 0),
  };
}

const objection = (field: Objection["field"], message: string) => ({ objections: [{ field, message }] });

function objectionsTo(
  addOn: AddOn | string,
  bundle: Bundle,
  tier: TierId,
  modules: ReadonlyMap<string, ListedModule>,
): Objection[] {
  if (typeof addOn === "string") return [{ field: "addOns", message: `There is no add-on ${addOn}. Take it off.` }];
  const title = modules.get(addOn.id)?.title ?? addOn.id;
  if (addOn.modules.every((id) => bundle.modules.includes(id))) {
    return [
      {
        field: "addOns",
        message: `${title} is in ${bundle.name} already. Take it off: you need not pay for it twice.`,
      },
    ];
  }
  if (tierIds.indexOf(tier) >= tierIds.indexOf(addOn.fromTier)) return [];
  const from = addOn.fromTier.toUpperCase();
  return [{ field: "addOns", message: `${title} is sold from ${from} on. Choose ${from}, or take it off.` }];
}

function objectionsToStorage(storage: StorageTier | undefined, offer: Offer): Objection[] {
  if (storage === undefined) return [{ field: "storage", message: "Choose one of the sizes: this one is not sold." }];
  if (storage.storageGb > offer.storageGb) return [];
  const has = `${offer.tier.toUpperCase()} has ${offer.storageGb} GB already`;
  return [{ field: "storage", message: `${has}. Choose more, or what is included.` }];
}

interface Lack {
  readonly offer: Offer;
  readonly needMb: number;
  readonly hasAddOns: boolean;
}

function lackOfMemory({ catalog }: Sold, { offer, needMb, hasAddOns }: Lack): Objection {
  const gb = (memoryMb: number) => `${Math.ceil(memoryMb / 1024)} GB`;
  const roomier = tierIds
    .map((tier) => offerOf(catalog, offer.bundle, tier))
    .find(({ memoryMb, price }) => memoryMb >= needMb && typeof price === "number");
  const remedies = [
    ...(roomier === undefined ? [] : [`choose ${roomier.tier.toUpperCase()}`]),
    ...(hasAddOns ? ["take an add-on off"] : []),
  ].join(", or ");
  return {
    field: hasAddOns ? "addOns" : "tier",
    message: `These apps need ${gb(needMb)} of memory, and this server has ${gb(offer.memoryMb)}: ${remedies || "write to us"}.`,
  };
}
