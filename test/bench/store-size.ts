import type { Database } from "#hub/store/database.ts";
import { resolutions } from "#shared/metrics/rollup.ts";

const MONTH_MS = 30 * 86_400_000;

/** What a row takes besides its span: its key twice, in the table and in its index, and what both cost in pages. */
const KEY_BYTES = 130;

/**
 * Bytes that one beacon takes in the hub's store once a month of it is there, by the size of the rows that are: as many as the finest
 * resolution is kept for, and so on. Samples of a minute are one row; a row of the coarsest step is as large as one of a minute.
 */
export async function storePerMonth(db: Database): Promise<number> {
  const [finest, minute, coarse] = resolutions;
  const meanOf = async (stepMs: number) => {
    const row = await db
      .selectFrom("rollup")
      .select((column) => column.fn.avg<number>(column.fn<number>("length", ["span"])).as("bytes"))
      .where("step_ms", "=", stepMs)
      .executeTakeFirst();
    return (row?.bytes ?? 0) + KEY_BYTES;
  };
  const minuteBytes = await meanOf(minute.stepMs);
  return (
    (finest.keptMs / minute.stepMs) * (await meanOf(finest.stepMs)) +
    (minute.keptMs / minute.stepMs) * minuteBytes +
    (MONTH_MS / coarse.stepMs) * minuteBytes
  );
}
