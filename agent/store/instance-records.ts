import { z } from "zod";
import { InstanceRecord } from "#shared/instance.ts";
import type { AgentDatabase } from "./database.ts";

/** What the beacon keeps of its instances. */
export interface InstanceRecords {
  all(): InstanceRecord[];
  put(record: InstanceRecord): void;
  remove(instance: string): void;
}

const Row = z.object({ record_json: z.string() });

export function instanceRecords(db: AgentDatabase): InstanceRecords {
  const select = db.prepare("select record_json from instance order by name");
  const upsert = db.prepare(
    "insert into instance (name, record_json) values (?, ?) on conflict (name) do update set record_json = excluded.record_json",
  );
  const remove = db.prepare("delete from instance where name = ?");
  return {
    all: () => select.all().map((row) => InstanceRecord.parse(JSON.parse(Row.parse(row).record_json))),
    put: (record) => void upsert.run(record.resolved.name, JSON.stringify(record)),
    remove: (instance) => void remove.run(instance),
  };
}
