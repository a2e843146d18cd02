import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import { expect, test } from "vitest";
import { openDatabase } from "#hub/store/database.ts";
import { createJobStore } from "#hub/store/jobs.ts";
import { migrate } from "#hub/store/migrate.ts";
import * as saga from "#hub/store/migrations/0012-saga.ts";
import { createProviderChoices } from "#hub/store/provider-choices.ts";

test("a job that was on its way before there was a choice keeps the provider that has its server", async () => {
  const db = openDatabase(":memory:");
  await migrate(db);
  // As it was before: without what this migration adds.
  for (const [table, column] of [
    ...[["provider_choice", "asked_json"] as const, ["provider_choice", "turn_json"] as const],
    ["beacon", "address6"] as const,
  ]) {
    await sql`alter table ${sql.table(table)} drop column ${sql.ref(column)}`.execute(db);
  }
  const jobs = createJobStore(db);
  for (const id of ["job_under_way", "job_new"]) {
    await jobs.insert({
      id,
      purchase: {
        ...{ id: `purchase_of_${id}`, email: "ada@example.org", beaconName: id.replaceAll("_", "-") },
        ...{ modules: [], region: undefined, actor: "op", createdAt: 1 },
      },
      event: { at: 1, state: "PENDING", message: "Ordered." },
      audit: { actor: "op", action: "job.order", subject: id },
    });
  }
  const beacon = { id: "beacon_1", name: "ada", domain: "ada.localhost", email: "ada@example.org", provider: "local" };
  await db
    .insertInto("beacon")
    .values({ ...beacon, created_at: 1 })
    .execute();
  await db.updateTable("job").set({ beacon: "beacon_1" }).where("id", "=", "job_under_way").execute();
  const again = { migrationTableName: "again", migrationLockTableName: "again_lock" };
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => ({ saga }) },
    ...again,
  }).migrateUp();
  expect(error).toBeUndefined();
  const choices = createProviderChoices(db);
  const offers = [{ provider: "hetzner", weight: 1 }];
  expect(await choices.choose("job_under_way", offers)).toBe("local");
  expect(await choices.asked("job_under_way")).toEqual(["local"]);
  expect(await choices.choose("job_new", offers)).toBe("hetzner");
  await db.destroy();
});
