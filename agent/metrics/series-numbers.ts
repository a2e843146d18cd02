import { z } from "zod";
import type { AgentDatabase } from "../store/database.ts";

/** The series by number: a name is stored once, however many spans it is in. */
export interface SeriesNumbers {
  /** Gives each name its number, which a new one gets now and keeps. */
  readonly ids: (names: Iterable<string>) => ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<number, string>;
}

const Row = z.object({ id: z.number().int(), name: z.string() });

export function createSeriesNumbers(db: AgentDatabase): SeriesNumbers {
  const insert = db.prepare<[string], unknown>("insert into series (name) values (?) returning id, name");
  const ids = new Map<string, number>();
  const names = new Map<number, string>();
  const learn = (row: unknown) => {
    const { id, name } = Row.parse(row);
    ids.set(name, id);
    names.set(id, name);
  };
  for (const row of db.prepare("select id, name from series").iterate()) learn(row);
  return {
    names,
    ids: (wanted) => {
      for (const name of wanted) if (!ids.has(name)) learn(insert.get(name));
      return ids;
    },
  };
}
