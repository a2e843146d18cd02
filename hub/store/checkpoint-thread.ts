/** The thread that `checkpoints.ts` starts: copies the log of a database into its file, so that no commit has to wait for that. */
import { parentPort, workerData } from "node:worker_threads";
import SqliteDatabase from "better-sqlite3";
import { z } from "zod";

const LOOK_EVERY_MS = 200;
/** Pages of 4 KiB in the log after which it begins anew, for which writers have to wait a moment. */
const MOST_LOGGED_PAGES = 8_000;
/** https://www.sqlite.org/pragma.html#pragma_wal_checkpoint */
const Checkpoint = z.tuple([z.object({ busy: z.number(), log: z.number(), checkpointed: z.number() })]);

const db = new SqliteDatabase(z.string().parse(workerData));
db.pragma("synchronous = NORMAL");
db.pragma("busy_timeout = 1000");
const checkpoint = (mode: "PASSIVE" | "RESTART") => Checkpoint.parse(db.pragma(`wal_checkpoint(${mode})`))[0];

function createLook(): () => void {
  let copied = 0;
  return () => {
    const { log, checkpointed } = checkpoint("PASSIVE");
    // What is left is what was committed meanwhile.
    if (log > MOST_LOGGED_PAGES && checkpointed !== copied) checkpoint("RESTART");
    copied = checkpointed;
  };
}
const looking = setInterval(createLook(), LOOK_EVERY_MS);

parentPort?.once("message", () => {
  clearInterval(looking);
  db.close();
  parentPort?.close();
});
