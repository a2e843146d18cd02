import { z } from "zod";
import { chooseProvider, type Offer } from "../providers/choose-provider.ts";
import type { Database } from "./database.ts";

/** Which provider each job was given. Every job counts once in the turns of the providers, however often it is asked for. */
export interface ProviderChoices {
  /**
   * The provider of a job: the one that it was given before, or else the one whose turn it is, which is written down together with the
   * turns.
   * @returns `undefined`, with nothing changed, when none is left that was not passed over for this job
   */
  choose(job: string, offers: readonly Offer[]): Promise<string | undefined>;
  /** This provider has nothing for this job: another one is chosen next. Does nothing when the job was given another one since. */
  passOver(job: string, provider: string): Promise<void>;
  /** Nobody counts as passed over any more: somebody wants it tried again. What was chosen stays. */
  askAllAgain(job: string): Promise<void>;
}

const Names = z.array(z.string());

export function createProviderChoices(db: Database): ProviderChoices {
  const read = async (on: Database, job: string) => {
    const row = await on.selectFrom("provider_choice").selectAll().where("job", "=", job).executeTakeFirst();
    return {
      provider: row?.provider ?? undefined,
      passedOver: row === undefined ? [] : Names.parse(JSON.parse(row.passed_over_json)),
    };
  };
  const write = async (on: Database, job: string, provider: string | null, passedOver: readonly string[]) => {
    const changed = { provider, passed_over_json: JSON.stringify(passedOver) };
    await on
      .insertInto("provider_choice")
      .values({ job, ...changed })
      .onConflict((conflict) => conflict.column("job").doUpdateSet(changed))
      .execute();
  };
  return {
    choose: (job, offers) =>
      db.transaction().execute(async (transaction) => {
        const { provider, passedOver } = await read(transaction, job);
        if (provider !== undefined) return provider;
        const turns = await transaction.selectFrom("provider_turn").selectAll().execute();
        const before = Object.fromEntries(turns.map((turn) => [turn.provider, turn.owed]));
        const choice = chooseProvider(offers, before, passedOver);
        if (choice === undefined) return undefined;
        for (const [name, owed] of Object.entries(choice.owed)) {
          await transaction
            .insertInto("provider_turn")
            .values({ provider: name, owed })
            .onConflict((conflict) => conflict.column("provider").doUpdateSet({ owed }))
            .execute();
        }
        await write(transaction, job, choice.provider, passedOver);
        return choice.provider;
      }),
    passOver: (job, provider) =>
      db.transaction().execute(async (transaction) => {
        const seen = await read(transaction, job);
        if (seen.provider === provider) await write(transaction, job, null, [...seen.passedOver, provider]);
      }),
    askAllAgain: (job) =>
      db.transaction().execute(async (transaction) => {
        const { provider } = await read(transaction, job);
        await write(transaction, job, provider ?? null, []);
      }),
  };
}
