import { z } from "zod";
import { chooseProvider, type Offer, type Owed } from "../providers/choose-provider.ts";
import type { Database } from "./database.ts";

/** Which provider each job was given. Every job counts once in the turns of the providers, however often it is asked for. */
export interface ProviderChoices {
  /** The provider that a job was given. */
  chosen(job: string): Promise<string | undefined>;
  /**
   * The provider of a job: the one that it was given before, or else the one whose turn it is, which is written down together with the
   * turns.
   * @returns `undefined`, with nothing changed, when none is left that was not passed over for this job
   */
  choose(job: string, offers: readonly Offer[]): Promise<string | undefined>;
  /**
   * This provider has nothing for this job: another one is chosen next, and the turns are as if it had not been asked. Does nothing when
   * the job was given another one since.
   */
  passOver(job: string, provider: string): Promise<void>;
  /** Nobody counts as passed over any more: somebody wants it tried again. What was chosen stays. */
  askAllAgain(job: string): Promise<void>;
  /** All that were ever chosen for a job, the first one first: whoever was passed over may have made something all the same. */
  asked(job: string): Promise<string[]>;
}

const Names = z.array(z.string());
/** What the turn of a job changed in what each provider is owed. */
const Turn = z.record(z.string(), z.number().int());
type Turn = z.output<typeof Turn>;

interface Row {
  readonly provider: string | undefined;
  readonly passedOver: readonly string[];
  readonly asked: readonly string[];
  readonly turn: Turn;
}

export function createProviderChoices(db: Database): ProviderChoices {
  const read = async (on: Database, job: string): Promise<Row> => {
    const row = await on.selectFrom("provider_choice").selectAll().where("job", "=", job).executeTakeFirst();
    if (row === undefined) return { provider: undefined, passedOver: [], asked: [], turn: {} };
    return {
      provider: row.provider ?? undefined,
      passedOver: Names.parse(JSON.parse(row.passed_over_json)),
      asked: Names.parse(JSON.parse(row.asked_json)),
      turn: Turn.parse(JSON.parse(row.turn_json)),
    };
  };
  const write = async (on: Database, job: string, { provider, passedOver, asked, turn }: Row) => {
    const changed = {
      provider: provider ?? null,
      passed_over_json: JSON.stringify(passedOver),
      asked_json: JSON.stringify(asked),
      turn_json: JSON.stringify(turn),
    };
    await on
      .insertInto("provider_choice")
      .values({ job, ...changed })
      .onConflict((conflict) => conflict.column("job").doUpdateSet(changed))
      .execute();
  };
  const owedNow = async (on: Database) => {
    const turns = await on.selectFrom("provider_turn").selectAll().execute();
    return Object.fromEntries(turns.map(({ provider, owed }) => [provider, owed]));
  };
  const putOwed = async (on: Database, all: Owed) => {
    const turns = Object.entries(all).map(([provider, owed]) => ({ provider, owed }));
    if (turns.length === 0) return;
    await on
      .insertInto("provider_turn")
      .values(turns)
      .onConflict((conflict) => conflict.column("provider").doUpdateSet(({ ref }) => ({ owed: ref("excluded.owed") })))
      .execute();
  };
  return {
    chosen: async (job) => (await read(db, job)).provider,
    choose: (job, offers) =>
      db.transaction().execute(async (transaction) => {
        const seen = await read(transaction, job);
        if (seen.provider !== undefined) return seen.provider;
        const before = await owedNow(transaction);
        const choice = chooseProvider(offers, before, seen.passedOver);
        if (choice === undefined) return undefined;
        await putOwed(transaction, choice.owed);
        const turn = Object.fromEntries(
          Object.entries(choice.owed).map(([name, owed]) => [name, owed - (before[name] ?? 0)]),
        );
        const { provider } = choice;
        await write(transaction, job, { ...seen, provider, turn, asked: [...new Set([...seen.asked, provider])] });
        return provider;
      }),
    passOver: (job, provider) =>
      db.transaction().execute(async (transaction) => {
        const seen = await read(transaction, job);
        if (seen.provider !== provider) return;
        const owed = await owedNow(transaction);
        const without = Object.entries(seen.turn).map(([name, change]) => [name, (owed[name] ?? 0) - change] as const);
        await putOwed(transaction, Object.fromEntries(without));
        const passedOver = [...seen.passedOver, provider];
        await write(transaction, job, { ...seen, provider: undefined, passedOver, turn: {} });
      }),
    askAllAgain: (job) =>
      db.transaction().execute(async (transaction) => {
        const seen = await read(transaction, job);
        if (seen.passedOver.length > 0) await write(transaction, job, { ...seen, passedOver: [] });
      }),
    asked: async (job) => [...(await read(db, job)).asked],
  };
}
