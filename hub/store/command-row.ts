import type { Selectable } from "kysely";
import { z } from "zod";
import { CommandState, type CommandView } from "#shared/api/beacon.ts";
import { ProblemBody } from "#shared/problem.ts";
import { Progress } from "#shared/protocol/progress.ts";
import { SignedStatement } from "#shared/protocol/statement.ts";
import type { Tables } from "./schema.ts";

const Input = z.record(z.string(), z.unknown());

/** A command with what its sender needs to know besides what people see. */
export interface StoredCommand {
  readonly beacon: string;
  readonly view: CommandView;
  readonly statement: SignedStatement;
  readonly expiresAt: number;
  readonly cancelAskedAt: number | undefined;
}

type Row = Selectable<Tables["command"]>;

/** @param row As the table has it; what it holds as JSON is parsed. */
export const commandOf = (row: Row): StoredCommand => ({
  beacon: row.beacon,
  view: {
    id: row.id,
    name: row.name,
    input: Input.parse(JSON.parse(row.input_json)),
    actor: row.actor,
    state: CommandState.parse(row.state),
    createdAt: row.created_at,
    ...(row.accepted_at === null ? {} : { acceptedAt: row.accepted_at }),
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    ...(row.progress_json === null ? {} : { progress: Progress.parse(JSON.parse(row.progress_json)) }),
    ...(row.problem_json === null ? {} : { problem: ProblemBody.parse(JSON.parse(row.problem_json)) }),
  },
  statement: SignedStatement.parse(JSON.parse(row.statement_json)),
  expiresAt: row.expires_at,
  cancelAskedAt: row.cancel_asked_at ?? undefined,
});
