import { resolutions } from "#shared/metrics/rollup.ts";
import { Problem } from "#shared/problem.ts";
import type { Database } from "./database.ts";
import { type CodedSample, decodeJournal, decodeSamples, type Measured } from "./sample-codec.ts";
import type { SeriesLayouts } from "./series-layouts.ts";

const [finest, minute] = resolutions;

/** A beacon that was looked at so often since anything came of it is taken for one that says nothing more for now. */
export const MOST_IDLE = 4;

export const minuteOf = (at: number): number => at - (at % minute.stepMs);

export interface WaitingSample {
  readonly sample: Measured;
  /** Of the entry in the journal that has it. */
  readonly entry: number;
}

/** What the store has in memory of one beacon: its samples that are in the journal and not in rows, and the newest of all. */
export interface Head {
  readonly beacon: string;
  readonly waiting: readonly WaitingSample[];
  readonly newest: Measured | undefined;
  /** Minute of the last row of samples or of a minute: after it there is none that would have to be looked for. */
  readonly rowsUntil: number;
  /** How often it was looked at since something came. */
  idle: number;
}

/** The heads of all beacons, as the journal and the rows make them at the start. */
export interface SampleHeads {
  /** To be awaited before anything else: reads the journal. @returns the number of the next entry */
  load(): Promise<number>;
  /** @throws {Problem} `not_found` for a beacon that does not exist */
  of(beacon: string): Promise<Head>;
  /** Whether its newest sample is older than this moment, and more are coming. */
  isGrowing(beacon: string, until: number): boolean;
  /** Adds what is in an entry of the journal now, and keeps these samples until they are in rows. */
  add(beacon: string, samples: readonly Measured[], entry: number): void;
  /** These are in rows now. */
  remove(head: Head, written: ReadonlySet<WaitingSample>): void;
  /** There are rows of this beacon up to this moment now. */
  wroteRows(beacon: string, at: number): void;
  /** Heads with samples of a minute that is over, the longest one first. */
  over(): Iterable<Head>;
  overCount(): number;
  all(): Iterable<Head>;
  /** Forgets all of them, which `load` makes anew. */
  clear(): void;
  measured(coded: CodedSample): Promise<Measured>;
}

interface OwnHead extends Head {
  waiting: WaitingSample[];
  newest: Measured | undefined;
  rowsUntil: number;
}

export function createSampleHeads(db: Database, layouts: SeriesLayouts): SampleHeads {
  const heads = new Map<string, OwnHead>();
  const over = new Set<Head>();
  const ownOf = (head: Head) => heads.get(head.beacon);

  const measured = async ({ at, layout, values }: CodedSample): Promise<Measured> => ({
    at,
    layout: await layouts.byId(layout),
    values,
  });

  const lastRow = (beacon: string, { stepMs }: { readonly stepMs: number }) =>
    db
      .selectFrom("rollup")
      .select(["at", "span"])
      .where("beacon", "=", beacon)
      .where("step_ms", "=", stepMs)
      .orderBy("at", "desc")
      .limit(1)
      .executeTakeFirst();

  /** Undefined when there is no such beacon. */
  const open = async (beacon: string): Promise<OwnHead | undefined> => {
    const row = await db.selectFrom("beacon").select("id").where("id", "=", beacon).executeTakeFirst();
    if (row === undefined) return undefined;
    const rows = [await lastRow(beacon, finest), await lastRow(beacon, minute)] as const;
    const last = rows[0] === undefined ? undefined : decodeSamples(rows[0].span).at(-1);
    const head = {
      beacon,
      waiting: [],
      newest: last === undefined ? undefined : await measured(last),
      rowsUntil: Math.max(...rows.map((one) => one?.at ?? Number.NEGATIVE_INFINITY)),
      idle: 0,
    };
    heads.set(beacon, head);
    return head;
  };

  const add: SampleHeads["add"] = (beacon, samples, entry) => {
    const own = heads.get(beacon);
    if (own === undefined) return;
    own.idle = 0;
    for (const sample of samples) {
      own.waiting.push({ sample, entry });
      if (own.newest === undefined || own.newest.at < sample.at) own.newest = ownCopy(sample, own.newest);
    }
    const [first] = own.waiting;
    const last = own.waiting.at(-1);
    if (first !== undefined && last !== undefined && minuteOf(first.sample.at) !== minuteOf(last.sample.at))
      over.add(own);
  };

  return {
    load: async () => {
      let next = 1;
      for (;;) {
        const row = await entryFrom(db, next);
        if (row === undefined) return next;
        next = row.number + 1;
        for (const entry of decodeJournal(row.samples)) {
          const head = heads.get(entry.beacon) ?? (await open(entry.beacon));
          // Of a beacon that was taken out of the store nothing is kept.
          if (head === undefined) continue;
          const fresh = entry.samples.filter(({ at }) => !head.waiting.some(({ sample }) => sample.at === at));
          add(entry.beacon, await Promise.all(fresh.map(measured)), row.number);
        }
      }
    },
    of: async (beacon) => {
      const head = heads.get(beacon) ?? (await open(beacon));
      if (head !== undefined) return head;
      throw new Problem("not_found", `there is no beacon ${beacon}`);
    },
    isGrowing: (beacon, until) => {
      const own = heads.get(beacon);
      return own?.newest !== undefined && own.newest.at < until && own.idle < MOST_IDLE;
    },
    add,
    remove: (head, written) => {
      const own = ownOf(head);
      if (own === undefined) return;
      for (const { sample } of written) own.rowsUntil = Math.max(own.rowsUntil, minuteOf(sample.at));
      own.waiting = own.waiting.filter((one) => !written.has(one));
      over.delete(own);
    },
    wroteRows: (beacon, at) => {
      const own = heads.get(beacon);
      if (own !== undefined) own.rowsUntil = Math.max(own.rowsUntil, at);
    },
    over: () => over.values(),
    overCount: () => over.size,
    all: () => heads.values(),
    clear: () => {
      heads.clear();
      over.clear();
    },
    measured,
  };
}

/**
 * The newest sample is kept for as long as its beacon says nothing more: it must not keep the bytes of a whole entry of the journal. It
 * takes the place of the one before.
 */
function ownCopy({ at, layout, values }: Measured, before: Measured | undefined): Measured {
  if (before?.values.length !== values.length) return { at, layout, values: values.slice() };
  before.values.set(values);
  return { at, layout, values: before.values };
}

/** One at a time: all of them are as large as what a fleet reports in a minute or two. */
const entryFrom = (db: Database, number: number) =>
  db
    .selectFrom("sample_journal")
    .selectAll()
    .where("number", ">=", number)
    .orderBy("number")
    .limit(1)
    .executeTakeFirst();
