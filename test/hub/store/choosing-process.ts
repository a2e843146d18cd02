/** Gives a thousand jobs their providers, one after the other, as a hub does that is started again after each death. */
import { defaultWeights } from "#hub/providers/choose-provider.ts";
import { openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createProviderChoices } from "#hub/store/provider-choices.ts";

const [file = ""] = process.argv.slice(2);
const db = openDatabase(file);
await migrate(db);
const choices = createProviderChoices(db);
const offers = Object.entries(defaultWeights).map(([provider, weight]) => ({ provider, weight }));
for (let job = 0; job < 1000; job++) {
  process.stdout.write(`${job} ${await choices.choose(`job_${job}`, offers)}\n`);
}
await db.destroy();
