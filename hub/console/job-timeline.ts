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
  const stopped = job.state === "FAILED" || job.state === "CANCELLED";
  const reached = stopped ? (job.stoppedIn ?? lastStateOf(job)) : job.state;
  const at = stateNames.indexOf(reached);
  const stoppedMark = job.state === "FAILED" ? "failed" : "cancelled";
  return jobStates.map((state, index) => {
    const events = eventsIn(job, state);
    const durations = events.flatMap(({ durationMs }) => durationMs ?? []);
    const isOver = index < at || job.state === "COMPLETED";
    return {
      state,
      mark: isOver ? "done" : index > at ? "next" : stopped ? stoppedMark : "now",
      enteredAt: events.findLast((event) => event.state === state)?.at,
      durationMs: isOver && durations.length > 0 ? durations.reduce((sum, ms) => sum + ms, 0) : undefined,
      events,
    };
  });
}

/** A failure is told as an event of its own state: it belongs to the state in which it happened. */
function eventsIn(job: JobView, state: JobState): JobEvent[] {
  let current: JobState = "PENDING";
  return job.events.filter((event) => {
    if (event.state !== "FAILED" && event.state !== "CANCELLED") current = event.state;
    return current === state;
  });
}

const lastStateOf = (job: JobView): JobState =>
  job.events.findLast(({ state }) => state !== "FAILED" && state !== "CANCELLED")?.state ?? "PENDING";
