import { type Told, tellIn } from "./audit.ts";
import type { Database } from "./database.ts";

/** Small values of the hub that outlive it, by key. `told` is written into the audit log with the change. */
export interface SettingStore {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string, told?: Told): Promise<void>;
  remove(key: string, told?: Told): Promise<void>;
}

export const createSettingStore = (db: Database): SettingStore => ({
  get: async (key) => (await db.selectFrom("setting").select("value").where("key", "=", key).executeTakeFirst())?.value,
  put: async (key, value, told) => {
    const write = (on: Database) =>
      on
        .insertInto("setting")
        .values({ key, value })
        .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
        .execute();
    await (told === undefined ? write(db) : tellIn(db, told, write));
  },
  remove: async (key, told) => {
    const write = (on: Database) => on.deleteFrom("setting").where("key", "=", key).execute();
    await (told === undefined ? write(db) : tellIn(db, told, write));
  },
});
