import { afterAll, beforeAll, expect, it } from "vitest";
import { createAudit, tellIn } from "#hub/store/audit.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createSettingStore } from "#hub/store/settings.ts";

let db: Database;
beforeAll(async () => {
  db = openDatabase(":memory:");
  await migrate(db);
});
afterAll(() => db.destroy());

it("keeps a setting until it is changed or removed", async () => {
  const settings = createSettingStore(db);
  expect(await settings.get("a")).toBeUndefined();
  await settings.put("a", "1");
  await settings.put("a", "2");
  expect(await settings.get("a")).toBe("2");
  await settings.remove("a");
  expect(await settings.get("a")).toBeUndefined();
});

it("lists the audit log newest first, a page at a time", async () => {
  let at = 0;
  const audit = createAudit(db, () => ++at);
  for (const subject of ["one", "two", "three"]) {
    await audit.write({ actor: "ada@example.org", action: "page.turn", subject, details: { subject } });
  }
  const [third, second] = await audit.list({ limit: 2 });
  expect([third, second]).toMatchObject([
    { subject: "three", at: 3 },
    { subject: "two", details: { subject: "two" } },
  ]);
  expect(await audit.list({ limit: 2, before: second?.at })).toMatchObject([{ subject: "one" }]);
});

it("writes a change and its line of the audit log, or neither", async () => {
  const settings = createSettingStore(db);
  const audit = createAudit(db, () => 0);
  const line = { actor: "ada@example.org", action: "setting.change", subject: "b" };
  await settings.put("b", "1", { at: 7, line });
  expect(await audit.list({ limit: 1 })).toEqual([{ at: 7, ...line, details: {} }]);
  const before = (await audit.list({ limit: 9 })).length;
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  await expect(settings.put("b", "2", { at: 8, line: { ...line, details: circular } })).rejects.toThrow();
  await expect(tellIn(db, { at: 9, line }, () => Promise.reject(new Error("the change failed")))).rejects.toThrow();
  expect(await settings.get("b")).toBe("1");
  expect(await audit.list({ limit: 9 })).toHaveLength(before);
});

it("migrates a database that is up to date to itself", async () => {
  await migrate(db);
  expect(await createAudit(db, () => 0).list({ limit: 5 })).toHaveLength(4);
});
