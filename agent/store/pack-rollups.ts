import type Database from "better-sqlite3";
import { resolutions } from "#shared/metrics/rollup.ts";
import { Rollup } from "#shared/metrics/sample.ts";
import { packableRollup } from "../metrics/named-span.ts";
import { pack } from "../metrics/span-bytes.ts";

const [finest] = resolutions;

interface Row {
  step_ms: number;
  at: number;
  values_json: string;
  reported_at: number | null;
}

const Values = Rollup.shape.values;

/** Brings spans that were kept as JSON into the shape that came after, and drops their table. */
export function packRollups(db: Database.Database): void {
  const addSeries = db.prepare<[string], { id: number }>(
    "insert into series (name) values (?) on conflict (name) do update set name = excluded.name returning id",
  );
  const insert = db.prepare("insert into span (step_ms, at, packed) values (?, ?, ?)");
  const owe = db.prepare("insert into owed_span (step_ms, at) values (?, ?)");
  const ids = new Map<string, number>();
  const rows = db.prepare<[], Row>("select step_ms, at, values_json, reported_at from rollup").all();
  for (const { step_ms, at, values_json, reported_at } of rows) {
    const values = Values.parse(JSON.parse(values_json));
    for (const name of Object.keys(values)) if (!ids.has(name)) ids.set(name, addSeries.get(name)?.id ?? 0);
    insert.run(step_ms, at, pack(packableRollup({ at, values }, ids)));
    if (step_ms === finest.stepMs && reported_at === null) owe.run(step_ms, at);
  }
  db.exec("drop table rollup");
}
