import type { Silence, SilenceInput } from "#shared/api/alerts.ts";
import type { SilenceStore } from "../store/silences.ts";

const HOUR_MS = 3_600_000;

/** Somebody knows of an alert, and does not want anybody to be told of it for a while. */
export interface Silencing {
  /** Those of a beacon, or of `hub`, that are not over. */
  of(beacon: string): Promise<Silence[]>;
  /** By beacon. */
  all(): Promise<Map<string, Silence[]>>;
  put(beacon: string, input: SilenceInput, by: string): Promise<void>;
}

export function createSilencing(store: Pick<SilenceStore, "list" | "put">, now: () => number): Silencing {
  return {
    of: async (beacon) => (await store.list(now(), beacon)).map(({ beacon: _, ...silence }) => silence),
    all: async () => Map.groupBy(await store.list(now()), ({ beacon }) => beacon),
    put: async (beacon, { hours, ...input }, by) => {
      const createdAt = now();
      const action = hours === 0 ? "alert.unsilence" : "alert.silence";
      const details = { rule: input.rule, of: input.subject, hours, why: input.why };
      const told = { at: createdAt, line: { actor: by, action, subject: beacon, details } };
      await store.put({ beacon, ...input, until: createdAt + hours * HOUR_MS, by, createdAt }, told);
    },
  };
}
