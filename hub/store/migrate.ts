import { type Migration, Migrator } from "kysely/migration";
import type { Database } from "./database.ts";
import * as first from "./migrations/0001-first.ts";
import * as alerts from "./migrations/0002-alerts.ts";
import * as samples from "./migrations/0003-samples.ts";
import * as history from "./migrations/0004-history.ts";
import * as trust from "./migrations/0005-trust.ts";
import * as ledger from "./migrations/0006-ledger.ts";
import * as notices from "./migrations/0007-notices.ts";
import * as providers from "./migrations/0008-providers.ts";
import * as billing from "./migrations/0009-billing.ts";
import * as subscriptions from "./migrations/0010-subscriptions.ts";
import * as sales from "./migrations/0011-sales.ts";
import * as saga from "./migrations/0012-saga.ts";
import * as lifecycle from "./migrations/0013-lifecycle.ts";
import * as reconcile from "./migrations/0014-reconcile.ts";
import * as brought from "./migrations/0015-brought.ts";
import * as inventories from "./migrations/0016-inventories.ts";
import * as jobIndexes from "./migrations/0017-job-indexes.ts";
import * as behind from "./migrations/0018-behind.ts";

const migrations: Record<string, Migration> = {
  "0001-first": first,
  "0002-alerts": alerts,
  "0003-samples": samples,
  "0004-history": history,
  "0005-trust": trust,
  "0006-ledger": ledger,
  "0007-notices": notices,
  "0008-providers": providers,
  "0009-billing": billing,
  "0010-subscriptions": subscriptions,
  "0011-sales": sales,
  "0012-saga": saga,
  "0013-lifecycle": lifecycle,
  "0014-reconcile": reconcile,
  "0015-brought": brought,
  "0016-inventories": inventories,
  "0017-job-indexes": jobIndexes,
  "0018-behind": behind,
};

/** Brings the tables to this version of the hub. @throws the error of the migration that failed; it was rolled back. */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
