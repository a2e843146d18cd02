import { useLayoutEffect, useRef } from "preact/hooks";
import type { CommandView, Plan } from "#shared/api/beacon.ts";
import { Icon } from "../components/icon.tsx";
import { ProblemBox } from "../components/problem-box.tsx";
import { ProgressBar } from "../components/progress-bar.tsx";
import { formatDuration } from "../format.ts";
import { useNow } from "../use-now.ts";
import { commandWords, percentOf } from "./command-words.ts";
import { hasEnded } from "./merge-commands.ts";
import { stepMarks } from "./step-marks.ts";
import "./plan.css";

/** One command from its order to its end: what it does now, how far it is, and what came of it. */
export function CommandRun({ command, plan }: { command: CommandView; plan?: Plan | undefined }) {
  const now = useNow();
  const ended = hasEnded(command);
  const { doing, done } = commandWords(command);
  const took = (command.finishedAt ?? now) - (command.startedAt ?? command.createdAt);
  return (
    <div class="run">
      <div class="run-head">
        <p class="run-title" role="status">
          {command.state === "done" ? (
            <span class="run-done">
              <Icon name="check" />
            </span>
          ) : null}
          {ended ? (command.state === "done" ? done : `${doing} did not work`) : runningTitle(command)}
        </p>
        <span class="mono faint">{formatDuration(took)}</span>
      </div>
      {ended ? null : (
        <>
          <ProgressBar label={doing} percent={percentOf(command)} />
          <p class="run-detail mono muted truncate">{command.progress?.detail ?? " "}</p>
        </>
      )}
      {plan === undefined || plan.steps.length === 0 ? null : <RunSteps plan={plan} command={command} />}
      {command.problem === undefined ? null : <ProblemBox problem={command.problem} />}
    </div>
  );
}

function runningTitle({ state, progress }: CommandView): string {
  if (progress !== undefined) return progress.title;
  return state === "running" ? "Looking at the beacon" : "Waiting for the beacon to take it";
}

function RunSteps({ plan, command }: { plan: Plan; command: CommandView }) {
  const marks = stepMarks(plan, command);
  const list = useRef<HTMLOListElement>(null);
  const at = marks.lastIndexOf("now");
  // Follows the step that is being taken.
  useLayoutEffect(() => {
    list.current?.querySelector('[data-mark="now"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <ol class="plan run-steps" ref={list}>
      {plan.steps.map(({ title }, index) => {
        const mark = marks[index] ?? "next";
        return (
          // A plan never changes its order.
          <li key={index} data-mark={mark} aria-current={mark === "now" ? "step" : undefined}>
            <span class="run-mark">
              {mark === "done" ? <Icon name="check" size={13} /> : null}
              {mark === "failed" ? <Icon name="close" size={13} /> : null}
              {mark === "now" ? <span class="spinner" /> : null}
            </span>
            <span>{title}</span>
          </li>
        );
      })}
    </ol>
  );
}
