import type { Selectable } from "kysely";
import { ChannelOptions } from "#shared/api/channels.ts";
import { ProblemBody } from "#shared/problem.ts";
import { type Told, tellIn } from "./audit.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/** A way to people, its settings still sealed. */
export interface StoredChannel {
  readonly id: string;
  readonly kind: string;
  readonly options: ChannelOptions;
  readonly sealed: Uint8Array;
  readonly createdAt: number;
}

/** How the deliveries to a channel go. */
export interface ChannelRecord {
  readonly waiting: number;
  readonly lastDeliveredAt: number | undefined;
  /** Why the newest delivery that was tried failed; nothing when it did not. */
  readonly problem: ProblemBody | undefined;
}

export interface ChannelStore {
  /** Oldest first. */
  list(): Promise<StoredChannel[]>;
  get(id: string): Promise<StoredChannel | undefined>;
  /** `told` is written into the audit log with it. */
  put(channel: StoredChannel, told: Told): Promise<void>;
  /** With all that waits for it. */
  remove(id: string, told: Told): Promise<void>;
  record(id: string): Promise<ChannelRecord>;
}

export const createChannelStore = (db: Database): ChannelStore => ({
  list: async () => (await db.selectFrom("channel").selectAll().orderBy("created_at").execute()).map(channelOf),
  get: async (id) => {
    const row = await db.selectFrom("channel").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : channelOf(row);
  },
  put: async ({ id, kind, options, sealed, createdAt }, told) => {
    const changed = { options_json: JSON.stringify(options), sealed: Buffer.from(sealed) };
    await tellIn(db, told, (trx) =>
      trx
        .insertInto("channel")
        .values({ id, kind, created_at: createdAt, ...changed })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(changed))
        .execute(),
    );
  },
  remove: async (id, told) => {
    await tellIn(db, told, async (trx) => {
      await trx.deleteFrom("alert_delivery").where("channel", "=", id).execute();
      await trx.deleteFrom("channel").where("id", "=", id).execute();
    });
  },
  record: async (id) => {
    const of = db.selectFrom("alert_delivery").where("channel", "=", id);
    const { waiting } = await of
      .where("state", "=", "waiting")
      .select(({ fn }) => fn.countAll<number>().as("waiting"))
      .executeTakeFirstOrThrow();
    const { last } = await of
      .where("state", "=", "done")
      .select(({ fn }) => fn.max("finished_at").as("last"))
      .executeTakeFirstOrThrow();
    const tried = await of
      .where(({ or, eb }) => or([eb("attempts", ">", 0), eb("state", "=", "done")]))
      .select("problem_json")
      .orderBy("number", "desc")
      .limit(1)
      .executeTakeFirst();
    const problem = tried?.problem_json ?? null;
    return {
      waiting: Number(waiting),
      lastDeliveredAt: last ?? undefined,
      problem: problem === null ? undefined : ProblemBody.parse(JSON.parse(problem)),
    };
  },
});

const channelOf = (row: Selectable<Tables["channel"]>): StoredChannel => ({
  id: row.id,
  kind: row.kind,
  options: ChannelOptions.parse(JSON.parse(row.options_json)),
  sealed: row.sealed,
  createdAt: row.created_at,
});
