import type { StorageTier, Tier } from "./catalog.ts";

export const tiers: readonly Tier[] = [
  { id: "t1", storageGb: 50, memoryMb: 4096, users: 5, backupDays: 7 },
  { id: "t2", storageGb: 200, memoryMb: 8192, users: 25, backupDays: 30 },
  { id: "t3", storageGb: 500, memoryMb: 16_384, users: 100, backupDays: 90 },
];

/** Sold to whoever needs the room of a larger tier, and neither its memory nor its users. */
export const storage: readonly StorageTier[] = [
  { id: "200gb", storageGb: 200, priceCents: 999 },
  { id: "500gb", storageGb: 500, priceCents: 2499 },
];

/** Of every server: what its system, its container engine and the agent take, and what a "4 GB" server lacks of 4096 MB. */
export const SYSTEM_MB = 512;
