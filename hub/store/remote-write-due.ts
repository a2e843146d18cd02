import type { Transaction } from "kysely";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/** A sample, under the moment it was taken; or a span of `rollup`. */
export interface SpanKey {
  readonly beacon: string;
  readonly step_ms: number;
  readonly at: number;
}

/** Told of samples and spans that are new, in the transaction that they are stored in. */
export type OnSpans = (trx: Transaction<Tables>, keys: readonly SpanKey[]) => Promise<void>;

/** Rows that one statement may have: https://www.sqlite.org/limits.html#max_variable_number */
const MOST_AT_ONCE = 5_000;

/** Which spans the store of remote write has not got yet. */
export interface RemoteWriteDue {
  /** Whether spans are noted at all. */
  isOn: boolean;
  /** These were stored just now, in the same transaction, so that none is forgotten whoever dies when. */
  readonly note: OnSpans;
  oldest(limit: number): Promise<SpanKey[]>;
  done(keys: readonly SpanKey[]): Promise<void>;
  count(): Promise<number>;
  /** Of spans that will be forgotten soon, the coarser ones take the place. */
  coarsen(nowMs: number): Promise<void>;
  /** How many of the coarsest spans went before the store took them, the oldest first, since the hub started. */
  forgotten(): number;
  clear(): Promise<void>;
}

export function createRemoteWriteDue(db: Database): RemoteWriteDue {
  const insert = async (trx: Transaction<Tables>, keys: readonly SpanKey[]) => {
    for (let from = 0; from < keys.length; from += MOST_AT_ONCE) {
      await trx
        .insertInto("remote_write_due")
        .values(keys.slice(from, from + MOST_AT_ONCE).map(({ beacon, step_ms, at }) => ({ beacon, step_ms, at })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  };
  let forgotten = 0;
  const due: RemoteWriteDue = {
    isOn: false,
    note: async (trx, keys) => {
      if (due.isOn) await insert(trx, keys);
    },
    oldest: (limit) => db.selectFrom("remote_write_due").selectAll().orderBy("at").limit(limit).execute(),
    done: async (keys) => {
      await db.transaction().execute(async (trx) => {
        for (const { beacon, step_ms, at } of keys) {
          await trx
            .deleteFrom("remote_write_due")
            .where("beacon", "=", beacon)
            .where("step_ms", "=", step_ms)
            .where("at", "=", at)
            .execute();
        }
      });
    },
    count: async () => {
      const { count } = await db
        .selectFrom("remote_write_due")
        .select((row) => row.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    coarsen: async (nowMs) => {
      if (!due.isOn) return;
      for (const [place, { stepMs, keptMs }] of resolutions.entries()) {
        const coarserMs = resolutions[place + 1]?.stepMs;
        // Whole spans of the coarser kind, so that what is written of a series stays in order.
        const before = nowMs - keptMs - ((nowMs - keptMs) % (coarserMs ?? stepMs));
        await db.transaction().execute(async (trx) => {
          const old = trx.selectFrom("remote_write_due").where("step_ms", "=", stepMs).where("at", "<", before);
          if (coarserMs !== undefined) {
            const keys = await old.select(["beacon", "at"]).execute();
            await insert(
              trx,
              keys.map(({ beacon, at }) => ({ beacon, step_ms: coarserMs, at: at - (at % coarserMs) })),
            );
          }
          const { numDeletedRows } = await trx
            .deleteFrom("remote_write_due")
            .where("step_ms", "=", stepMs)
            .where("at", "<", before)
            .executeTakeFirstOrThrow();
          if (coarserMs === undefined) forgotten += Number(numDeletedRows);
        });
      }
    },
    forgotten: () => forgotten,
    clear: async () => {
      await db.deleteFrom("remote_write_due").execute();
    },
  };
  return due;
}
