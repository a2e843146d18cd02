import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startCheckpoints } from "#hub/store/checkpoints.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createSettingStore } from "#hub/store/settings.ts";
import { until } from "../provisioning/until.ts";

const MB = 2 ** 20;

let folder: string;
let file: string;
let db: Database;
const errors: unknown[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "wopr-checkpoints-"));
  file = join(folder, "hub.sqlite");
  db = openDatabase(file, "elsewhere");
  await migrate(db);
  errors.length = 0;
});
afterEach(async () => {
  await db.destroy();
  rmSync(folder, { recursive: true });
});

const put = (key: string, value: string) => createSettingStore(db).put(key, value);
const text = (letter: string) => letter.repeat(MB);
const sizes = () => ({ file: statSync(file).size, log: statSync(`${file}-wal`).size });

describe("checkpoints in a thread of their own", () => {
  it("are not made by commits", async () => {
    for (let nth = 0; nth < 12; nth++) await put(`key-${nth}`, text("a"));
    expect(sizes().log).toBeGreaterThan(12 * MB);
    expect(sizes().file).toBeLessThan(MB);
  });

  it("bring what was committed into the file, while commits go on, and keep the log from growing", async () => {
    const end = startCheckpoints(file, (error) => errors.push(error));
    let largest = 0;
    for (let nth = 0; nth < 160; nth++) {
      await put(`key-${nth % 20}`, text(String(nth % 10)));
      largest = Math.max(largest, sizes().log);
    }
    await until(sizes, ({ file: size }) => size > 20 * MB);
    expect(largest).toBeLessThan(120 * MB);
    await end();
    expect(errors).toEqual([]);
    expect(await createSettingStore(db).get("key-19")).toBe(text("9"));
  });

  it("end with the hub, and the next one finds all of it", async () => {
    const end = startCheckpoints(file, (error) => errors.push(error));
    await put("kept", "yes");
    await end();
    await db.destroy();
    db = openDatabase(file, "elsewhere");
    expect(await createSettingStore(db).get("kept")).toBe("yes");
    expect(errors).toEqual([]);
  });
});
