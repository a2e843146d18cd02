import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createSettingStore } from "#hub/store/settings.ts";

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

const put = (key: string, value: string) => createSettingStore(db).put(key, value);
const get = (key: string, from = db) => createSettingStore(from).get(key);

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

describe("what is written at the same time", () => {
  const logBytes = () => statSync(join(folder, "hub.sqlite-wal")).size;
  /** A page with its header: https://www.sqlite.org/fileformat2.html#walformat */
  const FRAME_BYTES = 4096 + 24;

  it("is committed together, and each page once", async () => {
    for (let number = 0; number < 20; number++) await put(`key ${number}`, "0");
    const before = logBytes();
    await Promise.all(Array.from({ length: 20 }, (_write, number) => put(`key ${number}`, "1")));
    const together = logBytes() - before;
    for (let number = 0; number < 20; number++) await put(`key ${number}`, "2");
    const alone = logBytes() - before - together;
    expect(alone).toBeGreaterThanOrEqual(20 * FRAME_BYTES);
    expect(together).toBeLessThanOrEqual(alone / 5);
  });

  it("is told to nobody before it is committed, not even to who only reads", async () => {
    const other = openDatabase(join(folder, "hub.sqlite"));
    try {
      const writing = put("a", "1");
      const seen = await get("a");
      expect([seen, await get("a", other)]).toEqual(["1", "1"]);
      await writing;
    } finally {
      await other.destroy();
    }
  });

  it("fails for all when the database undoes it, and for nobody after them", async () => {
    await put("a", "0");
    const undone = sql`rollback`;
    const ends = await Promise.allSettled([
      put("a", "1"),
      db.transaction().execute((trx) => trx.insertInto("setting").values({ key: "b", value: "1" }).execute()),
      get("a"),
      undone.execute(db),
      put("c", "1"),
    ]);
    expect(ends.map(({ status }) => status)).toEqual([...Array.from({ length: 4 }, () => "rejected"), "fulfilled"]);
    expect([await get("a"), await get("b"), await get("c")]).toEqual(["0", undefined, "1"]);
  });

  it("that fails in a transaction which goes on all the same is not half there", async () => {
    const half = db.transaction().execute(async (trx) => {
      await trx.insertInto("setting").values({ key: "half", value: "1" }).execute();
      await sql`rollback`.execute(trx);
      await trx.insertInto("setting").values({ key: "other half", value: "1" }).execute();
    });
    await expect(half).rejects.toThrow("undone");
    expect([await get("half"), await get("other half")]).toEqual([undefined, undefined]);
  });

  it("may be written by two connections of one process", async () => {
    const other = openDatabase(join(folder, "hub.sqlite"));
    try {
      const both = Array.from({ length: 40 }, (_write, number) =>
        [db, other].map((one, place) =>
          one.transaction().execute(async (trx) => {
            await trx.selectFrom("setting").select("key").execute();
            await trx
              .insertInto("setting")
              .values({ key: `${place} ${number}`, value: "1" })
              .execute();
          }),
        ),
      );
      await Promise.all(both.flat());
      expect(await db.selectFrom("setting").select("key").execute()).toHaveLength(80);
    } finally {
      await other.destroy();
    }
  });

  it("waits for a transaction that takes its time, which has all of it or nothing", async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow = db.transaction().execute(async (trx) => {
      await trx.insertInto("setting").values({ key: "first", value: "1" }).execute();
      begun.resolve();
      await gate.promise;
      await trx.insertInto("setting").values({ key: "second", value: "1" }).execute();
    });
    await begun.promise;
    const other = openDatabase(join(folder, "hub.sqlite"));
    try {
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
      expect(await get("first", other)).toBeUndefined();
      gate.resolve();
      await slow;
      expect([await get("first", other), await get("second", other)]).toEqual(["1", "1"]);
    } finally {
      await other.destroy();
    }
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
