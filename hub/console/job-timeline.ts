import { type JobEvent, type JobState, type JobView, jobStates } from "#shared/api/hub.ts";

export interface TimelineEntry {
  readonly state: JobState;
  readonly mark: "done" | "now" | "failed" | "cancelled" | "next";
  /** When the job entered the state last. */
  readonly enteredAt: number | undefined;
  /** Time spent in it, over all tries; absent while it is not over. */
  readonly durationMs: number | undefined;
  /** What happened in it, oldest first. */
  readonly events: readonly JobEvent[];
}

/** Widened: a job can be in states that are no part of the way. */
const stateNames: readonly JobState[] = jobStates;

/** Pure: the nine states as they are drawn, with what happened in each. */
export function jobTimeline(job: JobView): TimelineEntry[] {
  const stays = staysOf(job.events);
  const working = stays.findLast(({ state }) => !isStopped(state));
  const reached = isStopped(job.state) ? (job.stoppedIn ?? working?.state ?? "PENDING") : job.state;
  const at = stateNames.indexOf(reached);
  const markNow = job.state === "FAILED" ? "failed" : job.state === "CANCELLED" ? "cancelled" : "now";
  return jobStates.map((state, index) => {
    const mine = stays.filter((stay) => stay.state === state);
    const isOver = index < at || job.state === "COMPLETED";
    const spentMs = mine.reduce((sum, { durationMs }) => sum + durationMs, 0);
    return {
      state,
      mark: isOver ? "done" : index > at ? "next" : markNow,
      enteredAt: mine.at(-1)?.enteredAt,
      durationMs: isOver && mine.length > 0 && state !== "COMPLETED" ? spentMs : undefined,
      events: mine.flatMap(({ events }) => events),
    };
  });
}

const isStopped = (state: JobState) => state === "FAILED" || state === "CANCELLED";

/** One stay in a state. A job that was tried again was in the same state several times. */
interface Stay {
  readonly state: JobState;
  readonly enteredAt: number;
  durationMs: number;
  readonly events: JobEvent[];
}

/**
 * An event that enters a state with a duration tells how the stay before it ended, and is shown there. So is a failure,
 * and all that happens until the job goes on.
 */
function staysOf(events: readonly JobEvent[]): Stay[] {
  const stays: Stay[] = [];
  for (const event of events) {
    const { at, state, durationMs } = event;
    const last = stays.at(-1);
    const isOfLast = last?.state === state || durationMs !== undefined || isStopped(state);
    if (last !== undefined && isOfLast) {
      last.events.push(event);
      last.durationMs += durationMs ?? 0;
    }
    if (last?.state === state) continue;
    const own = last !== undefined && isOfLast ? [] : [event];
    stays.push({
      state,
      enteredAt: at,
      durationMs: 0,
      events: last !== undefined && isStopped(state) ? last.events : own,
    });
  }
  return stays;
}
