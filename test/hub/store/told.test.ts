import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AuditLine, createAudit } from "#hub/store/audit.ts";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { createBillingNoticeStore } from "#hub/store/billing-notices.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { createEnrolmentTokenStore } from "#hub/store/enrolment-tokens.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createPurchaseStore } from "#hub/store/purchases.ts";
import { createRevokedPeople } from "#hub/store/revoked-people.ts";
import { createSettingStore } from "#hub/store/settings.ts";
import { Problem } from "#shared/problem.ts";

const now = () => 1000;
const BEACON = "bcn_1";
const line: AuditLine = { actor: "ada@example.org", action: "test.change", subject: BEACON };
/** One that cannot be written. */
const unwritable = (): AuditLine => {
  const details: Record<string, unknown> = {};
  details.self = details;
  return { ...line, details };
};

let db: Database;
beforeEach(async () => {
  db = openDatabase(":memory:");
  await migrate(db);
  const beacon = { id: BEACON, name: "ada", domain: "ada.localhost", email: "ada@example.org", provider: "local" };
  await createBeaconStore(db, now).insert({ ...beacon, createdAt: 5 });
  await createBeaconStore(db, now).update(BEACON, { publicKey: "one", nextPublicKey: "two" });
  await createEnrolmentTokenStore(db, now).replace({ hash: "h", beacon: BEACON, expiresAt: 9, binding: undefined });
  await createSettingStore(db).put("known", "1");
  const purchase = { id: "purchase_1", email: "ada@example.org", beaconName: "ada", modules: [], region: undefined };
  await createPurchaseStore(db).insert({ ...purchase, actor: "test", createdAt: 5 });
});
afterEach(() => db.destroy());

const told = () => createAudit(db, now).list({ limit: 9 });
const stored = async () => ({
  beacons: await db.selectFrom("beacon").selectAll().execute(),
  tokens: await db.selectFrom("enrolment_token").selectAll().execute(),
  keys: await db.selectFrom("revoked_key").selectAll().execute(),
  people: await db.selectFrom("revoked_person").selectAll().execute(),
  settings: await db.selectFrom("setting").selectAll().execute(),
  notices: await db.selectFrom("billing_notice").selectAll().execute(),
});

const beacons = () => createBeaconStore(db, now);
const tokens = () => createEnrolmentTokenStore(db, now);
const credit = {
  id: "credit",
  purchase: "purchase_1",
  body: { kind: "credit", cents: 500, reason: "An outage" },
} as const;
const noteCredit = (told: AuditLine) => createBillingNoticeStore(db).put({ ...credit, at: now() }, told);
const by = { publicKey: "three", agentVersion: "1.2.3" };
const changes: [string, (line: AuditLine) => Promise<unknown>][] = [
  ["what is noted of a beacon", (told) => beacons().update(BEACON, { ownerMail: "none" }, told)],
  ["an agent that is shut out", (told) => beacons().revoke(BEACON, told)],
  ["a key that is announced", (told) => beacons().announceKey(BEACON, "three", told)],
  ["a key that is proved", (told) => beacons().promoteKey(BEACON, "two", told)],
  ["a beacon that is to leave", (told) => beacons().wantLeave(BEACON, "ada", told)],
  ["a new token", (told) => tokens().replace({ hash: "g", beacon: BEACON, expiresAt: 9, binding: undefined }, told)],
  ["a refused token", (told) => tokens().refuse("h", new Problem("forbidden", "no").toJSON(), told)],
  ["a used token", (told) => tokens().use("h", by, told)],
  ["somebody who is signed out", (told) => createRevokedPeople(db, now).put("ada", told)],
  ["a credit", noteCredit],
  ["a setting", (told) => createSettingStore(db).put("known", "2", { at: now(), line: told })],
  ["a setting that is taken away", (told) => createSettingStore(db).remove("known", { at: now(), line: told })],
];

describe.each(changes)("%s", (_what, change) => {
  it("is stored with the line that tells of it", async () => {
    const before = await stored();
    await change(line);
    expect(await stored()).not.toEqual(before);
    expect(await told()).toEqual([{ at: 1000, ...line, details: {} }]);
  });

  it("is not stored without that line", async () => {
    const before = await stored();
    await expect(change(unwritable())).rejects.toThrow();
    expect(await stored()).toEqual(before);
    expect(await told()).toEqual([]);
  });
});

it("tells nothing where nothing changes", async () => {
  await beacons().wantLeave(BEACON, "ada", line);
  await tokens().use("h", by, line);
  await noteCredit(line);
  const before = await stored();
  await beacons().wantLeave(BEACON, "bob", line);
  await beacons().announceKey(BEACON, "one", line);
  await beacons().promoteKey(BEACON, "four", line);
  await beacons().revoke("bcn_2", line);
  await beacons().update("bcn_2", { ownerMail: "none" }, line);
  expect(await tokens().use("h", by, line)).toBe(false);
  expect(await noteCredit(line)).toBe(false);
  expect(await stored()).toEqual(before);
  expect(await told()).toHaveLength(3);
});
