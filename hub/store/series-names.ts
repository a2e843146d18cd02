import type { Database } from "./database.ts";

/** Parameters that one statement may have in SQLite: https://www.sqlite.org/limits.html#max_variable_number */
const MOST_AT_ONCE = 10_000;

/** The series of all beacons by number: a name is stored once, however many rows it is in. */
export interface SeriesNames {
  /** Gives each name its number, which a new one gets now and keeps. */
  ids(names: Iterable<string>): Promise<ReadonlyMap<string, number>>;
  names(ids: Iterable<number>): Promise<ReadonlyMap<number, string>>;
}

export function createSeriesNames(db: Database): SeriesNames {
  const idByName = new Map<string, number>();
  const nameById = new Map<number, string>();

  const learn = (rows: readonly { id: number; name: string }[]) => {
    for (const { id, name } of rows) {
      idByName.set(name, id);
      nameById.set(id, name);
    }
  };

  return {
    ids: async (names) => {
      for (const some of inParts(unknownOf(names, idByName))) {
        await db
          .insertInto("series")
          .values(some.map((name) => ({ name })))
          .onConflict((conflict) => conflict.column("name").doNothing())
          .execute();
        learn(await db.selectFrom("series").selectAll().where("name", "in", some).execute());
      }
      return idByName;
    },
    names: async (ids) => {
      for (const some of inParts(unknownOf(ids, nameById)))
        learn(await db.selectFrom("series").selectAll().where("id", "in", some).execute());
      return nameById;
    },
  };
}

const unknownOf = <Key>(keys: Iterable<Key>, known: ReadonlyMap<Key, unknown>): Key[] => [
  ...new Set(Iterator.from(keys).filter((key) => !known.has(key))),
];

function* inParts<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let from = 0; from < items.length; from += MOST_AT_ONCE) yield items.slice(from, from + MOST_AT_ONCE);
}
