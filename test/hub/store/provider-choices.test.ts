import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultWeights, type Offer } from "#hub/providers/choose-provider.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createProviderChoices } from "#hub/store/provider-choices.ts";

const offers: Offer[] = Object.entries(defaultWeights).map(([provider, weight]) => ({ provider, weight }));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wopr-choices-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(file: string): Promise<Database> {
  const db = openDatabase(join(folder, file));
  await migrate(db);
  return db;
}

const farthestOff = (chosen: readonly (string | undefined)[]) =>
  Math.max(
    ...offers.map(({ provider, weight }) =>
      Math.abs(chosen.filter((one) => one === provider).length - (chosen.length * weight) / 100),
    ),
  );

describe("the providers of jobs", () => {
  test("keep to the weights within one over 1,000 orders, whenever the hub is started again", async () => {
    const chosen: (string | undefined)[] = [];
    let db = await open("restarts.sqlite");
    for (let job = 0; job < 1000; job++) {
      if (job % 37 === 0) {
        await db.destroy();
        db = await open("restarts.sqlite");
      }
      chosen.push(await createProviderChoices(db).choose(`job_${job}`, offers));
      expect(farthestOff(chosen)).toBeLessThanOrEqual(1);
    }
    await db.destroy();
  });

  test("are neither skipped nor repeated by a hub that is killed again and again", async () => {
    const file = join(folder, "killed.sqlite");
    const told = new Map<string, string>();
    const script = join(import.meta.dirname, "choosing-process.ts");
    let deaths = 0;
    for (let killAfter = 60; ; killAfter += 70) {
      const child = spawn(process.execPath, [script, file], { stdio: ["ignore", "pipe", "inherit"] });
      const exited = once(child, "exit");
      let lines = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        const [job = "", provider = ""] = line.split(" ");
        // What a job was given before a death, it is given after it.
        expect(told.get(job) ?? provider).toBe(provider);
        told.set(job, provider);
        if (++lines === killAfter) child.kill("SIGKILL");
      }
      const [code] = await exited;
      if (code === 0) break;
      deaths++;
    }
    expect(deaths).toBeGreaterThan(5);
    expect(told.size).toBe(1000);
    const inOrder = [...Array(1000).keys()].map((job) => told.get(String(job)));
    for (let count = 1; count <= 1000; count++) expect(farthestOff(inOrder.slice(0, count))).toBeLessThanOrEqual(1);
  });

  test("are the same however often they are asked for, and count once", async () => {
    const db = await open("again.sqlite");
    const choices = createProviderChoices(db);
    const first = await choices.choose("job_a", offers);
    expect(await Promise.all([1, 2, 3].map(() => choices.choose("job_a", offers)))).toEqual([first, first, first]);
    const owed = await db.selectFrom("provider_turn").selectAll().execute();
    await choices.choose("job_a", offers);
    expect(await db.selectFrom("provider_turn").selectAll().execute()).toEqual(owed);
    await db.destroy();
  });

  test("are chosen by many jobs at the same moment, each in its turn", async () => {
    const db = await open("together.sqlite");
    const choices = createProviderChoices(db);
    const chosen = await Promise.all([...Array(100).keys()].map((job) => choices.choose(`job_${job}`, offers)));
    expect(farthestOff(chosen)).toBe(0);
    await db.destroy();
  });

  test("are others than those that had nothing, until none is left; asked again, all count", async () => {
    const db = await open("passed-over.sqlite");
    const choices = createProviderChoices(db);
    const asked = new Set<string>();
    for (let provider = await choices.choose("job_a", offers); provider !== undefined; ) {
      expect(asked.has(provider)).toBe(false);
      asked.add(provider);
      await choices.passOver("job_a", provider);
      // Told twice, as after a death.
      await choices.passOver("job_a", provider);
      provider = await choices.choose("job_a", offers);
    }
    expect([...asked].sort()).toEqual(offers.map(({ provider }) => provider).sort());
    expect(await choices.choose("job_b", offers)).toBeDefined();
    await choices.askAllAgain("job_a");
    expect(await choices.choose("job_a", offers)).toBeDefined();
    await db.destroy();
  });

  test("leave the turns as they were where they had nothing, however often they are asked", async () => {
    const db = await open("sold-out.sqlite");
    const choices = createProviderChoices(db);
    const turns = async () => await db.selectFrom("provider_turn").selectAll().orderBy("provider").execute();
    await choices.choose("job_first", offers);
    const before = await turns();
    for (let round = 0; round < 5; round++) {
      for (let provider = await choices.choose("job_a", offers); provider !== undefined; ) {
        await choices.passOver("job_a", provider);
        provider = await choices.choose("job_a", offers);
      }
      await choices.askAllAgain("job_a");
    }
    expect(await turns()).toEqual(before);
    const chosen = ["hetzner"];
    for (let job = 0; job < 99; job++) chosen.push((await choices.choose(`job_${job}`, offers)) ?? "");
    expect(farthestOff(chosen)).toBe(0);
    await db.destroy();
  });

  test("are known for good, once each: any of them may have made something", async () => {
    const db = await open("asked.sqlite");
    const choices = createProviderChoices(db);
    expect(await choices.asked("job_a")).toEqual([]);
    const first = (await choices.choose("job_a", offers)) ?? "";
    await choices.passOver("job_a", first);
    const second = (await choices.choose("job_a", offers)) ?? "";
    await choices.passOver("job_a", second);
    await choices.askAllAgain("job_a");
    expect(await choices.choose("job_a", offers)).toBe(first);
    expect(await choices.asked("job_a")).toEqual([first, second]);
    await db.destroy();
  });

  test("are not taken from a job for another one's refusal", async () => {
    const db = await open("stale.sqlite");
    const choices = createProviderChoices(db);
    const given = await choices.choose("job_a", offers);
    await choices.passOver("job_a", given === "linode" ? "ovh" : "linode");
    expect(await choices.choose("job_a", offers)).toBe(given);
    await db.destroy();
  });
});
