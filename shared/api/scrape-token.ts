import { z } from "zod";
import { Timestamp } from "../names.ts";

/** What a program shows that collects measurements. It is made anew by whoever lost it: only its hash is kept. */
export const ScrapeTokenView = z.object({
  /** When the one that is valid was made; absent where there is none. */
  createdAt: Timestamp.optional(),
});
export type ScrapeTokenView = z.output<typeof ScrapeTokenView>;

export const NewScrapeToken = z.object({ token: z.string(), createdAt: Timestamp });
export type NewScrapeToken = z.output<typeof NewScrapeToken>;
