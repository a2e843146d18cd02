import { z } from "zod";

/** Whether a beacon may be called so, at `GET /api/names/{name}`. */
export const NameAvailability = z.object({
  /** As it would be written. */
  name: z.string().optional(),
  available: z.boolean(),
  /** Why not, and what to do. */
  why: z.string().optional(),
});
export type NameAvailability = z.output<typeof NameAvailability>;

/** A bundle as the operator sees it, at `GET /api/bundles`. */
export const BundleStock = z.object({
  id: z.string(),
  name: z.string(),
  /** `coming`: some of its modules cannot be installed yet; `off`: the operator has switched it off. */
  state: z.enum(["sold", "coming", "off"]),
  /** Modules that cannot be installed yet. */
  missing: z.array(z.string()),
});
export type BundleStock = z.output<typeof BundleStock>;
