import { ProblemBody } from "#shared/problem.ts";

/** How far a durable job is, whatever it does. Times are milliseconds since the epoch. */
export interface JobProgress {
  readonly waitingFor: string | undefined;
  readonly problem: ProblemBody | undefined;
  /** How often the present state or step was tried in vain since it last got anywhere. */
  readonly attempts: number;
  /** Not to be looked at before this moment. */
  readonly wakeAt: number;
  /** When it entered its present state or step. */
  readonly enteredAt: number;
  readonly createdAt: number;
  /** Set when nothing is left to do. */
  readonly finishedAt: number | undefined;
}

/** What may change of that. `undefined` leaves it as it is, `null` takes it away. */
export interface ProgressChanges {
  readonly waitingFor?: string | null;
  readonly problem?: ProblemBody | null;
  readonly attempts?: number;
  readonly wakeAt?: number;
  readonly enteredAt?: number;
  readonly finishedAt?: number | null;
}

/** Columns to be set, those that stay as they are left out. */
export const changedColumns = (changes: ProgressChanges, more: Readonly<Record<string, unknown>>) => {
  const { problem } = changes;
  const columns = {
    ...more,
    waiting_for: changes.waitingFor,
    problem_json: problem === undefined || problem === null ? problem : JSON.stringify(problem),
    attempts: changes.attempts,
    wake_at: changes.wakeAt,
    entered_at: changes.enteredAt,
    finished_at: changes.finishedAt,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
};

/** Columns of an event of a job, but for where the job was. */
export const eventColumns = ({
  at,
  message,
  durationMs,
  problem,
}: {
  readonly at: number;
  readonly message: string;
  readonly durationMs?: number | undefined;
  readonly problem?: ProblemBody | undefined;
}) => ({
  at,
  message,
  duration_ms: durationMs ?? null,
  problem_json: problem === undefined ? null : JSON.stringify(problem),
});

export const parseProblem = (json: string | null): ProblemBody | undefined =>
  json === null ? undefined : ProblemBody.parse(JSON.parse(json));
