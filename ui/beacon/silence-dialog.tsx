import { useState } from "preact/hooks";
import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import type { Silence, SilenceInput } from "#shared/api/alerts.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Field } from "../components/field.tsx";
import { ProblemBox } from "../components/problem-box.tsx";
import { useTask } from "../use-task.ts";

const spans = [
  { hours: 1, title: "an hour" },
  { hours: 4, title: "4 hours" },
  { hours: 24, title: "a day" },
  { hours: 168, title: "a week" },
] as const;

export interface SilenceDialogProps {
  readonly event: AlertEvent;
  /** The one that holds, if one does. */
  readonly silence: Silence | undefined;
  readonly onSilence: (input: SilenceInput) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Somebody knows of an alert: for a while nobody is told of it. */
export function SilenceDialog({ event, silence, onSilence, onClose }: SilenceDialogProps) {
  const [hours, setHours] = useState<number>(4);
  const [why, setWhy] = useState(silence?.why ?? "");
  const { rule, subject } = event;
  const put = useTask(async (forHours: number) => {
    await onSilence({ rule, subject, hours: forHours, why });
    onClose();
  });
  return (
    <Dialog
      title="Silence this alert"
      onClose={onClose}
      foot={
        <>
          {silence === undefined ? null : (
            <span class="start">
              <Button busy={put.busy} onClick={() => void put.run(0)}>
                End the silence
              </Button>
            </span>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={put.busy} onClick={() => void put.run(hours)}>
            Silence
          </Button>
        </>
      }
    >
      <div class="form">
        <p>{event.title}</p>
        <Field label="For">
          {(input) => (
            <select
              {...input}
              class="input"
              value={hours}
              onChange={({ currentTarget }) => setHours(Number(currentTarget.value))}
            >
              {spans.map((span) => (
                <option key={span.hours} value={span.hours}>
                  {span.title}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Why" note="Others see this beside the alert.">
          {(input) => (
            <input
              {...input}
              class="input"
              value={why}
              maxLength={500}
              onInput={({ currentTarget }) => setWhy(currentTarget.value)}
            />
          )}
        </Field>
        <p class="muted">It stays listed. Nobody is told of it, nor of its end, until then.</p>
        {put.problem === undefined ? null : <ProblemBox problem={put.problem} />}
      </div>
    </Dialog>
  );
}
