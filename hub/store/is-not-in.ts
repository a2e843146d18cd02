import { sql } from "kysely";

/** A condition that is one statement, compiled once, for any number of values. @param column Never from outside. */
export const isNotIn = (column: string, values: readonly string[]) =>
  sql<boolean>`${sql.ref(column)} not in (select value from json_each(${JSON.stringify(values)}))`;
