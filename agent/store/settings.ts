import type { z } from "zod";
import { Problem } from "#shared/problem.ts";
import type { AgentDatabase } from "./database.ts";

/** Single values that the agent keeps, each under its own name and schema. */
export interface Settings {
  /** @throws {Problem} `internal` when what is stored does not fit the schema. */
  get<Schema extends z.ZodType>(key: string, schema: Schema): z.output<Schema> | undefined;
  /** On disk when it returns. */
  put(key: string, value: unknown): void;
  remove(key: string): void;
}

export function createSettings(db: AgentDatabase): Settings {
  const select = db.prepare<[string], { value: string }>("select value from setting where key = ?");
  const upsert = db.prepare(
    "insert into setting (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
  );
  const remove = db.prepare("delete from setting where key = ?");
  return {
    remove: (key) => {
      remove.run(key);
    },
    get: (key, schema) => {
      const row = select.get(key);
      if (row === undefined) return undefined;
      const parsed = schema.safeParse(JSON.parse(row.value));
      if (parsed.success) return parsed.data;
      throw new Problem("internal", `the stored setting ${key} cannot be read`, { cause: parsed.error });
    },
    put: (key, value) => {
      upsert.run(key, JSON.stringify(value));
    },
  };
}
