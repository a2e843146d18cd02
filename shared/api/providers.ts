import { z } from "zod";
import { FormField } from "../form-fields.ts";
import { Timestamp } from "../names.ts";
import { ProblemBody } from "../problem.ts";

const Weight = z.number().int().min(0).max(1000);

/**
 * What some vendors cannot do, however they are asked. `resize`: a VPS has one size for life, and another one is refused with a hint.
 * `deletion`: it is rented for a term. What is removed is switched off and cancelled, and is not found any more; it is there, with its disk,
 * and paid for until the term ends.
 */
export const ProviderLack = z.enum(["resize", "deletion"]);
export type ProviderLack = z.output<typeof ProviderLack>;

/** How a provider is used. */
export const ProviderInput = z.strictObject({
  /** Whether it gets orders. */
  enabled: z.boolean(),
  /** Its share of the orders beside the weights of the others. */
  weight: Weight,
  /** As its form says. Secrets that are left out, or empty, stay as they are; without it all do. */
  credentials: z.record(z.string(), z.string().max(4000)).exactOptional(),
});
export type ProviderInput = z.output<typeof ProviderInput>;

/** A provider as operators see it. Of its secrets only the names are shown. */
export const ProviderView = z.object({
  /** For example `hetzner`. */
  name: z.string(),
  title: z.string(),
  enabled: z.boolean(),
  weight: Weight,
  /** What its credentials are made of. */
  form: z.array(FormField),
  /** Credentials that are set and no secrets. */
  credentials: z.record(z.string(), z.string()),
  /** Names of the secrets that are set. */
  secrets: z.array(z.string()),
  /** Whether all is there that it takes to use it. */
  configured: z.boolean(),
  /** When the provider was last asked whether the credentials are good. */
  checkedAt: Timestamp.optional(),
  /** What it said, where they are not. */
  problem: ProblemBody.optional(),
  /** Its sizes for the tiers. */
  defaultSizes: z.object({ t1: z.string(), t2: z.string(), t3: z.string() }),
  defaultRegion: z.string(),
  lacks: z.array(ProviderLack),
});
export type ProviderView = z.output<typeof ProviderView>;

export const ProvidersView = z.object({ providers: z.array(ProviderView) });
export type ProvidersView = z.output<typeof ProvidersView>;
