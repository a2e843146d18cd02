import type { Finding } from "#shared/api/reconcile.ts";

/** How the hub puts something right by itself. */
export type Fix =
  /** `vps` is the provider's id of it. */
  | { readonly kind: "remove-vps"; readonly provider: string; readonly vps: string }
  | { readonly kind: "remove-records"; readonly domain: string }
  | { readonly kind: "take-back"; readonly purchase: string };

/** A finding as one comparison has it. */
export interface PlannedFinding extends Omit<Finding, "since" | "problem" | "resolvable"> {
  /** Who has to be asked to know whether it is over: `stripe`, `books`, `dns`, or a provider's name. */
  readonly source: string;
  /** Absent where it is not certain what is to be done. */
  readonly fix?: Fix | undefined;
}

const DAY_MS = 24 * 3_600_000;

/** Further than any work of the hub should take. */
export const LONG_MS = DAY_MS;

/** A day of the calendar (UTC): `2026-11-21`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
