/**
 * Takes samples in until it is killed, as many at once as there are beacons, and prints each that was taken in. Arguments: the file of
 * the database, the number of the first sample, and the beacons.
 */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "#hub/store/database.ts";
import { createRollupStore } from "#hub/store/rollups.ts";
import { sampleOf } from "./numbered-samples.ts";

const [file = "", first = "0", ...beacons] = process.argv.slice(2);
const rollups = createRollupStore(openDatabase(file), 1);
const rollUp = async () => {
  for (;;) {
    await rollups.rollUp(Number.MAX_SAFE_INTEGER / 2);
    await sleep(5);
  }
};
void rollUp();
await Promise.all(
  beacons.map(async (beacon) => {
    for (let number = Number(first); ; number++) {
      await rollups.add(beacon, [sampleOf(number)]);
      writeSync(1, `${beacon} ${number}\n`);
    }
  }),
);
