import { z } from "zod";
import { categories } from "../modules/manifest.ts";
import { DnsLabel, ModuleId } from "../names.ts";

/** US cents a month. */
export const PriceCents = z.number().int().positive().max(100_000_00);

export const tierIds = ["t1", "t2", "t3"] as const;
export const TierId = z.enum(tierIds);
export type TierId = z.output<typeof TierId>;

export const Users = z.union([z.number().int().positive(), z.literal("unlimited")]);
export type Users = z.output<typeof Users>;

/** A size of what is sold: how much room its owner gets, and the server that it runs on at least. */
export const Tier = z.strictObject({
  id: TierId,
  storageGb: z.number().int().positive(),
  memoryMb: z.number().int().positive(),
  users: Users,
  /** How long backups are kept. */
  backupDays: z.number().int().positive(),
});
export type Tier = z.output<typeof Tier>;

/** Price of a bundle at a tier; `contact`: agreed with the customer. */
export const BundlePrice = z.union([PriceCents, z.literal("contact")]);
export type BundlePrice = z.output<typeof BundlePrice>;

export const Bundle = z.strictObject({
  id: DnsLabel.max(40),
  kind: z.enum(["suite", "micro"]),
  name: z.string().min(1).max(40),
  /** What it is for, in a few words. */
  tagline: z.string().min(1).max(100),
  /** One or two sentences for its page. */
  about: z.string().min(1).max(300),
  /** How many apps it promises, on top of the core modules. */
  appCount: z.number().int().positive(),
  modules: z.array(ModuleId).min(1),
  /** The smallest tier whose server has room for the apps: smaller tiers of this bundle get that server too. */
  smallestServer: TierId,
  /** How many people it is for at least, where that is more than its tier says. */
  users: Users.exactOptional(),
  prices: z.strictObject({ t1: BundlePrice, t2: BundlePrice, t3: BundlePrice }).partial(),
});
export type Bundle = z.output<typeof Bundle>;

/** An app that can be bought on top of a bundle. */
export const AddOn = z.strictObject({
  id: ModuleId,
  modules: z.array(ModuleId).min(1),
  priceCents: PriceCents,
  /** The smallest tier that it is sold with. */
  fromTier: TierId.default("t1"),
});
export type AddOn = z.output<typeof AddOn>;

/** Room for data beyond what a tier has. */
export const StorageTier = z.strictObject({
  id: DnsLabel.max(40),
  storageGb: z.number().int().positive(),
  priceCents: PriceCents,
});
export type StorageTier = z.output<typeof StorageTier>;

/** A module as the shop knows it, whether there is a folder for it yet or not. */
export const ListedModule = z.strictObject({
  id: ModuleId,
  title: z.string().min(1).max(60),
  category: z.enum(categories),
  /** What it does, in a few words. */
  purpose: z.string().min(1).max(60),
  /** Products that people leave for it. */
  replaces: z.array(z.string()),
  /** What one instance takes, besides the databases that all share. */
  memoryMb: z.number().int().positive(),
});
export type ListedModule = z.output<typeof ListedModule>;

/** Everything that is for sale. */
export const ShopCatalog = z.strictObject({
  currency: z.literal("usd"),
  tiers: z.array(Tier).length(tierIds.length),
  bundles: z.array(Bundle),
  addOns: z.array(AddOn),
  storage: z.array(StorageTier),
});
export type ShopCatalog = z.output<typeof ShopCatalog>;
