import { z } from "zod";
import type { ExecSession } from "#shared/api/exec.ts";
import { Problem } from "#shared/problem.ts";
import type { AgentDatabase } from "./database.ts";

/** How many are kept. */
const MOST_KEPT = 10_000;

/** Which programs people ran in containers. A session is written down before its program begins. */
export interface ExecSessionTable {
  /** @throws {Problem} `command_replayed` when there was one of that id already */
  begin(session: Pick<ExecSession, "id" | "actor" | "container" | "program" | "startedAt">): void;
  /** @param engineId The engine's id of the program. */
  running(id: string, program: string, engineId: string): void;
  end(id: string, ending: { readonly endedAt: number; readonly exitCode?: number; readonly reason?: string }): void;
  /** Newest first. */
  list(limit: number): ExecSession[];
  /** Those that have not ended. */
  open(): { readonly id: string; readonly engineId: string | undefined }[];
}

const Row = z
  .object({
    id: z.string(),
    actor: z.string(),
    container: z.string(),
    program: z.string(),
    engine_id: z.string().nullable(),
    started_at: z.number(),
    ended_at: z.number().nullable(),
    exit_code: z.number().nullable(),
    reason: z.string().nullable(),
  })
  .transform(({ engine_id, started_at, ended_at, exit_code, reason, ...row }) => ({
    ...row,
    engineId: engine_id ?? undefined,
    startedAt: started_at,
    ...(ended_at === null ? {} : { endedAt: ended_at }),
    ...(exit_code === null ? {} : { exitCode: exit_code }),
    ...(reason === null ? {} : { reason }),
  }));

export function execSessionTable(db: AgentDatabase): ExecSessionTable {
  const insert = db.prepare(
    "insert into exec_session (id, actor, container, program, started_at) values (?, ?, ?, ?, ?) on conflict do nothing",
  );
  const mark = db.prepare("update exec_session set program = ?, engine_id = ? where id = ?");
  const end = db.prepare(
    "update exec_session set ended_at = ?, exit_code = ?, reason = ? where id = ? and ended_at is null",
  );
  const newest = db.prepare("select * from exec_session order by started_at desc, id desc limit ?");
  const unended = db.prepare("select * from exec_session where ended_at is null");
  const prune = db.prepare(
    "delete from exec_session where id in (select id from exec_session order by started_at desc, id desc limit -1 offset ?)",
  );
  return {
    begin: ({ id, actor, container, program, startedAt }) => {
      const { changes } = insert.run(id, actor, container, program, startedAt);
      if (changes === 0) throw new Problem("command_replayed", `the session ${id} was opened before`);
      prune.run(MOST_KEPT);
    },
    running: (id, program, engineId) => void mark.run(program, engineId, id),
    end: (id, { endedAt, exitCode, reason }) => void end.run(endedAt, exitCode ?? null, reason ?? null, id),
    list: (limit) =>
      newest.all(limit).map((row) => {
        const { engineId: _, ...session } = Row.parse(row);
        return session;
      }),
    open: () => unended.all().map((row) => Row.parse(row)),
  };
}
