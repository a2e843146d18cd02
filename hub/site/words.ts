import type { Offer } from "#shared/catalog/offer.ts";

/** `$29.99`, and `$30` for whole dollars. */
export const money = (cents: number): string =>
  cents % 100 === 0
    ? `$${groups(cents / 100)}`
    : `$${groups(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, "0")}`;

const groups = (whole: number) => String(whole).replace(/\B(?=(\d{3})+$)/g, ",");

export const appCount = (count: number): string => (count === 1 ? "1 app" : `${count} apps`);

export const gb = (memoryMb: number): string => `${memoryMb / 1024} GB`;

export const storageWords = ({ tier, storageGb }: Pick<Offer, "tier" | "storageGb">): string =>
  tier === "t3" ? `${storageGb} GB and more` : `${storageGb} GB`;

export const people = ({ users }: Pick<Offer, "users">): string =>
  users === "unlimited" ? "As many people as you like" : `Up to ${users} people`;

/** What tiers are called where there is room for a word. */
export const tierTitles = { t1: "T1", t2: "T2", t3: "T3" } as const;
export const tierAbout = { t1: "To begin with", t2: "For a team", t3: "For many" } as const;
