import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createRollupStore } from "#hub/store/rollups.ts";
import { mergeRollups, resolutions, rollupOf } from "#shared/metrics/rollup.ts";
import type { Rollup } from "#shared/metrics/sample.ts";
import { FIRST_AT, sampleOf } from "./numbered-samples.ts";

const KILLS = 5;
const beacons = ["bcn_00000001", "bcn_00000002", "bcn_00000003"];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wopr-killed-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs until so many samples were taken in, and kills it in the middle of more. @returns the last number of each beacon */
async function runAndKill(file: string, first: number, lines: number): Promise<Map<string, number>> {
  const program = join(import.meta.dirname, "samples-process.ts");
  const child = spawn(process.execPath, [program, file, String(first), ...beacons], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const taken = new Map<string, number>();
  let count = 0;
  const exited = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const [beacon = "", number = ""] = line.split(" ");
    taken.set(beacon, Number(number));
    count += 1;
    if (count === lines) child.kill("SIGKILL");
  }
  await exited;
  return taken;
}

/** What a resolution has to say of all samples up to this number. */
function expected(last: number, stepMs: number): Rollup[] {
  const spans = new Map<number, Rollup>();
  for (let number = 0; number <= last; number++) {
    const span = rollupOf(sampleOf(number), stepMs);
    const known = spans.get(span.at);
    spans.set(span.at, known === undefined ? span : mergeRollups(known, span));
  }
  return [...spans.values()];
}

const rounded = (points: readonly Rollup[]) =>
  points.map(({ at, values }) => [
    at,
    Object.entries(values)
      .map(([name, [min, mean, max, count]]) => [name, min, mean.toPrecision(5), max, count].join())
      .sort(),
  ]);

it("what was taken in is there once, whenever the hub is killed, also when it is delivered again", async () => {
  const file = join(folder, "hub.sqlite");
  const before = openDatabase(file);
  await migrate(before);
  const store = createBeaconStore(before, Date.now);
  for (const id of beacons)
    await store.insert({ id, name: id.slice(4), domain: "x", email: "a@example.org", provider: "local", createdAt: 0 });
  await before.destroy();

  let last = -1;
  for (let kill = 0; kill < KILLS; kill++) {
    // The first ones of each run were taken in by the one before.
    const taken = await runAndKill(file, Math.max(0, last - 15), 60 + kill * 37);
    const db = openDatabase(file);
    const rollups = createRollupStore(db, 0);
    last = Math.max(...beacons.map((beacon) => taken.get(beacon) ?? 0));
    for (const beacon of beacons) {
      // What was under way may be there or not; with it all have the same.
      for (let number = (taken.get(beacon) ?? 0) + 1; number <= last + 1; number++)
        await rollups.add(beacon, [sampleOf(number)]);
      for (const { stepMs } of resolutions) {
        const list = await rollups.list({ beacon, stepMs, from: FIRST_AT, to: FIRST_AT + last * 10_000 + 10_000 });
        expect(rounded(list)).toEqual(rounded(expected(last + 1, stepMs)));
      }
    }
    last += 1;
    await db.destroy();
  }
}, 120_000);
