import { useState } from "preact/hooks";
import type { LifecycleJobView } from "#shared/api/lifecycle.ts";
import { Button } from "#ui/components/button.tsx";
import { ConfirmDialog } from "#ui/components/confirm-dialog.tsx";
import { Icon } from "#ui/components/icon.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { ProgressBar } from "#ui/components/progress-bar.tsx";
import { Status } from "#ui/components/status.tsx";
import { formatDuration } from "#ui/format.ts";
import { useNow } from "#ui/use-now.ts";
import { useTask } from "#ui/use-task.ts";
import { NextStep } from "../problem-next-step.tsx";
import type { LifecycleApi } from "./lifecycle-api.ts";
import { canBeCalledOff, doingWords, isUnderWay, progressOf, stateWords } from "./lifecycle-words.ts";
import "../timeline.css";
import "./lifecycle-job.css";

const marks = { done: "done", now: "now", failed: "failed", "to-do": "next" } as const;

export interface LifecycleJobProps {
  readonly job: LifecycleJobView;
  readonly api: LifecycleApi;
  readonly onTold: (job: LifecycleJobView) => void;
}

/** A change of a beacon on its way: its steps, what it waits for, what is wrong, and what can be done about it. */
export function LifecycleJob({ job, api, onTold }: LifecycleJobProps) {
  const { state, steps, problem, waitingFor, change } = job;
  const [asked, ask] = useState(false);
  const retrying = useTask(async () => onTold(await api.retry(job.id)));
  const [tone, word] = stateWords[state];
  const title = doingWords(change);
  return (
    <section class="card lifecycle-job" aria-label={title}>
      <header class="lifecycle-job-head">
        <span class="lifecycle-job-title">
          <strong>{title}</strong>
          <Status tone={tone}>{word}</Status>
        </span>
        <span class="actions">
          {canBeCalledOff(job) ? (
            <Button size="small" onClick={() => ask(true)}>
              Call it off
            </Button>
          ) : null}
          {state === "failed" ? (
            <Button size="small" kind="primary" icon="retry" busy={retrying.busy} onClick={() => void retrying.run()}>
              Try again
            </Button>
          ) : null}
        </span>
      </header>
      {isUnderWay(job) ? <ProgressBar label={title} percent={progressOf(job)} /> : null}
      <ol class="lifecycle-steps">
        {steps.map((step) => (
          <li
            key={step.name}
            class="timeline-entry"
            data-mark={marks[step.state]}
            aria-current={step.state === "now" ? "step" : undefined}
          >
            <span class="timeline-mark">
              {step.state === "done" ? <Icon name="check" size={12} /> : null}
              {step.state === "failed" ? <Icon name="close" size={12} /> : null}
              {step.state === "now" ? <span class="spinner" /> : null}
            </span>
            <div class="timeline-body">
              <p class="timeline-title">
                {step.title}
                <span class="timeline-took mono muted">
                  {step.state === "now" && step.startedAt !== undefined ? (
                    <Running since={step.startedAt} />
                  ) : step.durationMs === undefined ? null : (
                    formatDuration(step.durationMs)
                  )}
                </span>
              </p>
              {step.state === "now" && waitingFor !== undefined ? <p class="muted">Waiting for {waitingFor}</p> : null}
              <ul class="timeline-events">
                {job.events
                  .filter((event) => event.step === step.name)
                  .map((event) => (
                    <li key={`${event.at} ${event.message}`} data-failed={event.problem === undefined ? undefined : ""}>
                      <time class="mono faint" dateTime={new Date(event.at).toISOString()}>
                        {new Date(event.at).toLocaleTimeString(undefined, { hourCycle: "h23" })}
                      </time>
                      <span>{event.message}</span>
                    </li>
                  ))}
              </ul>
            </div>
          </li>
        ))}
      </ol>
      {problem === undefined && retrying.problem === undefined ? null : (
        <div class="lifecycle-job-problem">
          {problem === undefined ? null : (
            <ProblemBox problem={problem}>
              <NextStep code={problem.code} />
            </ProblemBox>
          )}
          {retrying.problem === undefined ? null : <ProblemBox problem={retrying.problem} />}
        </div>
      )}
      {asked ? (
        <ConfirmDialog
          title={`Call it off: ${title.toLowerCase()}?`}
          verb="Call it off"
          otherwise="Go on"
          act={async () => onTold(await api.cancel(job.id))}
          onClose={() => ask(false)}
        >
          <p>What it did is taken back. Where it is too late for that, the hub says so and it goes on.</p>
        </ConfirmDialog>
      ) : null}
    </section>
  );
}

function Running({ since }: { since: number }) {
  return <>{formatDuration(useNow() - since)}</>;
}
