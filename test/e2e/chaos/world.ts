import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { z } from "zod";
import { openIdentity } from "#agent/identity.ts";
import { createJournal } from "#agent/journal.ts";
import { type AgentDatabase, openStore } from "#agent/store/database.ts";
import { openKeyRing } from "#hub/key-ring.ts";
import { commandKeyRing } from "#hub/signer/command-keys.ts";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { createCommandStore } from "#hub/store/commands.ts";
import { type Database as HubDatabase, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createRollupStore } from "#hub/store/rollups.ts";
import { compareLedgers } from "#shared/ledger/compare.ts";
import type { JournalRecord } from "#shared/ledger/journal-page.ts";
import { createMortal, type Mortal } from "./processes.ts";
import type { SeededRandom } from "./random.ts";
import type { ChaosSettings } from "./settings.ts";

const BEACON = "bcn_chaos-0001";
const DAY_MS = 86_400_000;
const SAMPLE_MS = 10_000;
/** By then what is under way has settled, on a machine that is busy with other things as well. */
const SETTLED_WITHIN_MS = 90_000;

const Given = z.object({ id: z.string() });
const Count = z.object({ count: z.number() }).transform(({ count }) => count);

export interface World {
  readonly hub: Mortal;
  readonly agent: Mortal;
  readonly settings: ChaosSettings;
  /** How many commands the hub has accepted. */
  readonly given: () => number;
  /** Gives commands, and cancels some, until the function that it returns is called. */
  readonly giveCommands: (random: SeededRandom, pauseMs: number) => () => Promise<void>;
  /** Waits until nothing is under way any more, ends both, and looks at what they have left. */
  readonly aftermath: () => Promise<Aftermath>;
  readonly remove: () => Promise<void>;
}

export interface Aftermath {
  readonly given: number;
  readonly counts: Readonly<Record<string, number>>;
  /** What must not be, in words; none when all is well. */
  readonly violations: readonly string[];
}

export interface WorldOptions {
  readonly seed: number;
  /** Folder of the bundled processes. */
  readonly programs: string;
  /** Where the agent dials instead of the hub's own port. */
  readonly dialled?: { readonly port: number; readonly hubPort: number };
  readonly directories?: { readonly hub?: string; readonly agent?: string };
  readonly workMs?: number;
}

export async function createWorld({
  seed,
  programs,
  dialled,
  directories,
  workMs = 500,
}: WorldOptions): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "wopr-chaos-"));
  const hubDirectory = directories?.hub ?? join(folder, "hub");
  const agentDirectory = directories?.agent ?? join(folder, "agent");
  for (const directory of [hubDirectory, agentDirectory]) mkdirSync(directory, { recursive: true });
  const hubPort = dialled?.hubPort ?? (await freePort());
  const { id, publicKey } = openKeyRing(commandKeyRing(hubDirectory, Date.now)).active();
  const enrolment = {
    beacon: BEACON,
    name: "ada",
    domain: "ada.localhost",
    owner: "a@example.org",
    commandKeys: { [id]: publicKey },
  };
  const settings: ChaosSettings = {
    ...{ seed, hubPort, hubDirectory, agentDirectory, enrolment, offsetMs: 0 },
    origin: `http://127.0.0.1:${dialled?.port ?? hubPort}`,
    effectsFile: join(folder, "effects"),
    firstSampleAt: Math.floor(Date.now() / 10_000) * 10_000 - 1.5 * DAY_MS,
    startedAt: Date.now(),
  };
  writeFileSync(settings.effectsFile, "");
  await enrolAgent(settings);
  const mortal = (name: "hub" | "agent") =>
    createMortal({
      program: join(programs, `${name}-process.mjs`),
      settings,
      logFile: join(folder, `${name}.log`),
      workMs,
    });
  const hub = mortal("hub");
  const agent = mortal("agent");
  const given = new Set<string>();

  const post = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${hubPort}${path}`, {
      method: "POST",
      signal: AbortSignal.timeout(2000),
    });
    return response.status === 202 ? Given.parse(await response.json()).id : undefined;
  };
  const isAway = () => undefined;

  return {
    hub,
    agent,
    settings,
    given: () => given.size,
    giveCommands: (random, pauseMs) => {
      let isOver = false;
      const give = async () => {
        for (let nth = 0; !isOver; nth++) {
          const taken = await post(`/commands/app-${nth % 20}`).catch(isAway);
          if (taken !== undefined) given.add(taken);
          if (taken !== undefined && random.isOneIn(8)) await post(`/cancel/${taken}`).catch(isAway);
          await sleep(random.between(0, 2 * pauseMs));
        }
      };
      const giving = give();
      return async () => {
        isOver = true;
        await giving;
      };
    },
    aftermath: async () => {
      const unsettled = await settle(settings);
      await Promise.all([hub.kill(), agent.kill()]);
      const violations = [...unsettled, ...(await violationsIn(settings, given))];
      return { given: given.size, counts: countsOf(settings), violations };
    },
    remove: async () => {
      await Promise.all([hub.kill(), agent.kill()]);
      if (process.env.KEEP_CHAOS === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function enrolAgent({ hubDirectory, agentDirectory, enrolment }: ChaosSettings): Promise<void> {
  const db = openDatabase(join(hubDirectory, "hub.sqlite"));
  await migrate(db);
  const { beacon: id, name, domain, owner: email } = enrolment;
  await createBeaconStore(db, Date.now).insert({ id, name, domain, email, provider: "local", createdAt: Date.now() });
  const { publicKey } = openIdentity(join(agentDirectory, "agent.key"));
  await db.updateTable("beacon").set({ public_key: publicKey() }).where("id", "=", id).execute();
  await db.destroy();
}

const hubFile = ({ hubDirectory }: ChaosSettings) => join(hubDirectory, "hub.sqlite");
const agentFile = ({ agentDirectory }: ChaosSettings) => join(agentDirectory, "agent.db");

/** How many rows a question gives. The file may be written to at the same time. */
function count(file: string, sql: string): number {
  const db = new Database(file, { readonly: true, timeout: 5000 });
  try {
    return Count.parse(db.prepare(`select count(*) as count from ${sql}`).get());
  } finally {
    db.close();
  }
}

const open = {
  "commands that have not ended on the hub": [hubFile, "command where state in ('queued','sent','accepted','running')"],
  "commands that have not ended on the beacon": [agentFile, "command where state in ('accepted','running')"],
  "results that were not confirmed": [agentFile, "command where acknowledged_at is null"],
  "samples that were not confirmed": [agentFile, `owed_span where step_ms = ${SAMPLE_MS}`],
} as const;

/** Waits until nothing is open. @returns what still is */
async function settle(settings: ChaosSettings): Promise<string[]> {
  const still = () =>
    Object.entries(open).flatMap(([what, [file, sql]]) => {
      const left = count(file(settings), sql);
      // One more sample is made while one looks.
      return left > (what.startsWith("samples") ? 5 : 0) ? [`${left} ${what}`] : [];
    });
  const deadline = Date.now() + SETTLED_WITHIN_MS;
  while (still().length > 0 && Date.now() < deadline) await sleep(100);
  return still();
}

async function violationsIn(settings: ChaosSettings, given: ReadonlySet<string>): Promise<string[]> {
  const db = openDatabase(hubFile(settings));
  const store = openStore(agentFile(settings));
  try {
    const hub = await createCommandStore(db).ledger(BEACON);
    const journal = createJournal(store, Date.now);
    const beacon: JournalRecord[] = [];
    for (let after: number | undefined = 0; after !== undefined; ) {
      const { records, next } = journal.page({ after });
      beacon.push(...records);
      after = next;
    }
    const known = new Set(hub.map(({ id }) => id));
    const compared = compareLedgers({ hub, beacon, forgottenSequence: 0, aheadMs: 0 });
    return [
      ...[...given].filter((id) => !known.has(id)).map((id) => `the hub accepted ${id} and does not know it`),
      // Clocks jump here: what time it was is not compared.
      ...compared.filter(({ kind }) => kind !== "other-time").map((difference) => JSON.stringify(difference)),
      ...hub.filter(({ state }) => state === "lost").map(({ id }) => `${id} is lost, though no journal was`),
      ...effectViolations(settings, new Map(beacon.map(({ id, state }) => [id, state]))),
      ...(await sampleViolations(settings, db, store)),
    ];
  } finally {
    store.close();
    await db.destroy();
  }
}

function effectViolations({ effectsFile }: ChaosSettings, states: ReadonlyMap<string, string>): string[] {
  const lines = readFileSync(effectsFile, "utf8").trim().split("\n");
  const times = Map.groupBy(lines, (line) => line);
  const counted = (word: string, id: string) => times.get(`${word} ${id}`)?.length ?? 0;
  return [...states].flatMap(([id, state]) => {
    const [begun, done] = [counted("begin", id), counted("effect", id)];
    return [
      ...(begun > 1 ? [`${id} was begun ${begun} times`] : []),
      ...(done > 1 ? [`${id} was done ${done} times`] : []),
      ...(state === "done" && done !== 1 ? [`${id} is done, and was done ${done} times`] : []),
    ];
  });
}

/** Every sample that was taken and is not owed any more is on the hub, and each counts once. */
async function sampleViolations(settings: ChaosSettings, db: HubDatabase, store: AgentDatabase): Promise<string[]> {
  const rollups = createRollupStore(db);
  const span = { from: settings.firstSampleAt, to: settings.firstSampleAt + 2 * DAY_MS };
  const points = await rollups.list({ beacon: BEACON, stepMs: SAMPLE_MS, ...span });
  const stored = new Set(points.map(({ at }) => at));
  const isOwed = store.prepare("select 1 from owed_span where step_ms = ? and at = ?");
  const taken = readFileSync(settings.effectsFile, "utf8")
    .split("\n")
    .flatMap((line) => (line.startsWith("sample ") ? [Number(line.slice("sample ".length))] : []));
  const missing = taken.filter((at) => !stored.has(at) && isOwed.get(SAMPLE_MS, at) === undefined);
  const doubled = points.filter(({ values }) => Object.values(values).some(([, , , count]) => count !== 1));
  return [
    ...(missing.length === 0 ? [] : [`${missing.length} of ${taken.length} samples are nowhere`]),
    ...(doubled.length === 0 ? [] : [`${doubled.length} samples count more than once`]),
    ...(stored.size < taken.length / 2 ? [`only ${stored.size} of ${taken.length} samples came`] : []),
  ];
}

const countsOf = (settings: ChaosSettings) => ({
  commands: count(hubFile(settings), "command"),
  done: count(hubFile(settings), "command where state = 'done'"),
  failed: count(hubFile(settings), "command where state = 'failed'"),
  cancelled: count(hubFile(settings), "command where state = 'cancelled'"),
  expired: count(hubFile(settings), "command where state = 'expired'"),
  resumed: count(agentFile(settings), "ledger where why is not null and state = 'running' and actor = 'agent'"),
  owed: count(agentFile(settings), `owed_span where step_ms = ${SAMPLE_MS}`),
});

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
