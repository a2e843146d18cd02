import { z } from "zod";

/** How a page of a list is asked for: https://docs.stripe.com/api/pagination */
export const pageParams = {
  limit: z.coerce.number().int().min(1).max(100).default(10),
  starting_after: z.string().optional(),
  ending_before: z.string().optional(),
};

/** @param all Newest first. */
export function pageOf<Entity extends { readonly id: string }>(
  url: string,
  all: readonly Entity[],
  { limit, starting_after: after, ending_before: before }: z.output<z.ZodObject<typeof pageParams>>,
) {
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const end = before === undefined ? all.length : all.findIndex(({ id }) => id === before);
  const rest = all.slice(start, end);
  return { object: "list", url, has_more: rest.length > limit, data: rest.slice(0, limit) };
}

/** `true` and `false` as forms have them. */
export const flag = z.enum(["true", "false"]).transform((value) => value === "true");
export const integer = z.coerce.number().int();
export const metadata = z.record(z.string(), z.string());
export const range = z
  .object({ gte: integer.optional(), gt: integer.optional(), lt: integer.optional(), lte: integer.optional() })
  .default({});

export const isIn = (at: number, { gte = 0, gt = -1, lt = Infinity, lte = Infinity }: z.output<typeof range>) =>
  at >= gte && at > gt && at < lt && at <= lte;
