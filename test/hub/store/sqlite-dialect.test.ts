import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";

let folder: string;
let db: Database;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "wopr-dialect-"));
  db = openDatabase(join(folder, "hub.sqlite"));
  await migrate(db);
});
afterEach(async () => {
  await db.destroy();
  rmSync(folder, { recursive: true });
});

const put = (key: string, value: string) =>
  db
    .insertInto("setting")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
const get = async (key: string, from = db) =>
  (await from.selectFrom("setting").select("value").where("key", "=", key).executeTakeFirst())?.value;

describe("transactions at the same time", () => {
  it("do not see into each other", async () => {
    await put("count", "0");
    await Promise.all(
      Array.from({ length: 50 }, () =>
        db.transaction().execute(async (trx) => {
          const row = await trx
            .selectFrom("setting")
            .select("value")
            .where("key", "=", "count")
            .executeTakeFirstOrThrow();
          await trx
            .updateTable("setting")
            .set({ value: String(Number(row.value) + 1) })
            .where("key", "=", "count")
            .execute();
        }),
      ),
    );
    expect(await get("count")).toBe("50");
  });

  it("go on after one that failed, of which nothing is left", async () => {
    const failing = db.transaction().execute(async (trx) => {
      await trx.insertInto("setting").values({ key: "lost", value: "1" }).execute();
      throw new Error("no");
    });
    const others = [put("a", "1"), put("b", "2")];
    await expect(failing).rejects.toThrow("no");
    await Promise.all(others);
    expect([await get("lost"), await get("a"), await get("b")]).toEqual([undefined, "1", "2"]);
  });
});

describe("what was answered", () => {
  it("is there for another process at once, however many write", async () => {
    const other = openDatabase(join(folder, "hub.sqlite"));
    try {
      const seen = Array.from({ length: 100 }, async (_write, index) => {
        await put(`key ${index}`, "written");
        return get(`key ${index}`, other);
      });
      expect(new Set(await Promise.all(seen))).toEqual(new Set(["written"]));
    } finally {
      await other.destroy();
    }
  });

  it("is there when the database was closed right after it was asked for", async () => {
    const writing = put("last", "word");
    await writing;
    await db.destroy();
    db = openDatabase(join(folder, "hub.sqlite"));
    expect(await get("last")).toBe("word");
  });
});

describe("statements", () => {
  it("may be more than are kept ready", async () => {
    for (let round = 0; round < 2; round++)
      for (let number = 0; number < 400; number++)
        expect((await sql<{ found: number }>`select ${sql.lit(number)} as found`.execute(db)).rows).toEqual([
          { found: number },
        ]);
  });

  it("that are kept see a table that was changed since", async () => {
    const all = () => sql<object>`select * from setting`.execute(db);
    await put("a", "1");
    expect((await all()).rows).toEqual([{ key: "a", value: "1" }]);
    await sql`alter table setting add column more text`.execute(db);
    expect((await all()).rows).toEqual([{ key: "a", value: "1", more: null }]);
  });
});
