import { z } from "zod";
import { JobState } from "#shared/api/hub.ts";
import { ProblemBody } from "#shared/problem.ts";
import { NEVER } from "./billing-notices.ts";
import type { Database } from "./database.ts";
import { behindOf } from "./subscriptions.ts";

const Names = z.array(z.string());

/**
 * Beacons and orders as far as they are compared with what others have: all there ever were, and all that Stripe is to be told, in three
 * queries whatever their number, at one moment.
 */
export const readBooked = (db: Database) =>
  db.transaction().execute(async (transaction) => {
    const beacons = await transaction
      .selectFrom("beacon")
      .select(["id", "name", "provider", "provider_id", "removed_at", "left_at", "domain", "address", "address6"])
      .execute();
    const orders = await transaction
      .selectFrom("purchase")
      .leftJoin("job", "job.purchase", "purchase.id")
      .leftJoin("provider_choice", "provider_choice.job", "job.id")
      .leftJoin("payment", "payment.purchase", "purchase.id")
      .leftJoin("subscription", "subscription.id", "payment.subscription")
      .select(["purchase.id as purchase", "purchase.beacon_name", "purchase.email"])
      .select(["job.id as job", "job.state", "job.created_at", "job.entered_at", "job.finished_at", "asked_json"])
      .select(["payment.purchase as priced", "paid_at", "take_back_since", "taken_back_at", "payment.subscription"])
      .select(["subscription.status", "past_due_since", "ended_at", "monthly_cents", "currency"])
      .select(["behind_since", "behind_problem_json"])
      .execute();
    const notices = await transaction
      .selectFrom("billing_notice")
      .select(["id", "purchase", "kind", "at", "retry_at", "problem_json"])
      .where("sent_at", "is", null)
      .execute();
    const mails = await transaction
      .selectFrom("mail")
      .select(({ fn }) => ["recipient", fn.countAll<number>().as("count"), fn.min("created_at").as("since")])
      // Of the row that is the oldest, as SQLite has it: https://www.sqlite.org/lang_select.html#bareagg
      .select("subject")
      .where("sent_at", "is", null)
      .where("attempts", ">", 0)
      .groupBy("recipient")
      .execute();
    return {
      mails,
      notices: notices.map(({ retry_at, problem_json, ...notice }) => ({
        ...notice,
        isGivenUp: retry_at === NEVER,
        problem: problem_json === null ? undefined : ProblemBody.parse(JSON.parse(problem_json)),
      })),
      beacons: beacons.map((row) => ({
        id: row.id,
        name: row.name,
        domain: row.domain,
        addresses: [row.address, row.address6].filter((one) => one !== null),
        provider: row.provider,
        providerId: row.provider_id ?? undefined,
        removedAt: row.removed_at ?? undefined,
        leftAt: row.left_at ?? undefined,
      })),
      orders: orders.map((row) => ({
        purchase: row.purchase,
        beaconName: row.beacon_name,
        email: row.email,
        job:
          row.job === null
            ? undefined
            : {
                id: row.job,
                state: JobState.parse(row.state),
                createdAt: row.created_at ?? 0,
                enteredAt: row.entered_at ?? 0,
                finishedAt: row.finished_at ?? undefined,
                asked: Names.parse(JSON.parse(row.asked_json ?? "[]")),
              },
        payment:
          row.priced === null
            ? undefined
            : {
                paidAt: row.paid_at ?? undefined,
                takeBackSince: row.take_back_since ?? undefined,
                takenBackAt: row.taken_back_at ?? undefined,
                subscription: row.subscription ?? undefined,
              },
        subscription:
          row.subscription === null || row.status === null
            ? undefined
            : {
                id: row.subscription,
                status: row.status,
                pastDueSince: row.past_due_since ?? undefined,
                endedAt: row.ended_at ?? undefined,
                monthlyCents: row.monthly_cents ?? undefined,
                currency: row.currency ?? undefined,
                behind: behindOf(row),
              },
      })),
    };
  });

/** Ids of beacons that are being changed as a whole: suspended, resized, rebuilt, deleted. */
export async function readChanging(db: Database): Promise<string[]> {
  const open = db.selectFrom("lifecycle_job").select("beacon").where("finished_at", "is", null);
  return (await open.execute()).map(({ beacon }) => beacon);
}
