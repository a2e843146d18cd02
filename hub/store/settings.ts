import type { Database } from "./database.ts";

/** Small values of the hub that outlive it, by key. */
export interface SettingStore {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

export const createSettingStore = (db: Database): SettingStore => ({
  get: async (key) => (await db.selectFrom("setting").select("value").where("key", "=", key).executeTakeFirst())?.value,
  put: async (key, value) => {
    await db
      .insertInto("setting")
      .values({ key, value })
      .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
      .execute();
  },
  remove: async (key) => {
    await db.deleteFrom("setting").where("key", "=", key).execute();
  },
});
