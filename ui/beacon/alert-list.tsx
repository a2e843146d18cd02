import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import type { Silence, SilenceInput } from "#shared/api/alerts.ts";
import { Ago } from "../components/ago.tsx";
import { Button } from "../components/button.tsx";
import { Status, type Tone } from "../components/status.tsx";
import { formatDuration, formatMoment } from "../format.ts";
import { lazy } from "../lazy.tsx";
import "./alert-list.css";

const SilenceDialog = lazy(async () => (await import("./silence-dialog.tsx")).SilenceDialog, 0);

const words = { warning: "Warning", critical: "Critical" } as const;

export const toneOf = ({ severity }: Pick<AlertEvent, "severity">): Tone => (severity === "critical" ? "bad" : "warn");

/** One alert as it is listed. */
export interface ListedAlert {
  readonly event: AlertEvent;
  readonly silence?: Silence | undefined;
  /** Whose it is, where there are several. */
  readonly of?: ComponentChildren;
  /** Where it can be silenced. */
  readonly onSilence?: ((input: SilenceInput) => Promise<unknown>) | undefined;
}

/** What is wrong, or was: how bad, what, and since when. */
export function AlertList({ alerts }: { alerts: readonly ListedAlert[] }) {
  const [silenced, setSilenced] = useState<ListedAlert>();
  return (
    <>
      <ul class="alerts rows card">
        {alerts.map((alert, nth) => (
          <AlertRow key={`${nth} ${alert.event.id}`} alert={alert} onOpen={() => setSilenced(alert)} />
        ))}
      </ul>
      {silenced?.onSilence === undefined ? null : (
        <SilenceDialog
          event={silenced.event}
          silence={silenced.silence}
          onSilence={silenced.onSilence}
          onClose={() => setSilenced(undefined)}
        />
      )}
    </>
  );
}

function AlertRow({ alert: { event, silence, of, onSilence }, onOpen }: { alert: ListedAlert; onOpen: () => void }) {
  return (
    <li class="alert-row">
      {event.kind === "resolved" ? (
        <Status tone="off">Over</Status>
      ) : (
        <Status tone={toneOf(event)}>{words[event.severity]}</Status>
      )}
      <span class="alert-what">
        {of === undefined ? null : <span class="alert-of">{of}</span>}
        <span>{event.title}</span>
        {silence === undefined ? null : (
          <span class="muted alert-silence">
            Silenced until {formatMoment(silence.until)} by {silence.by}
            {silence.why === "" ? "" : `: ${silence.why}`}
          </span>
        )}
      </span>
      <span class="muted alert-when">
        <Ago at={event.at} />
        {event.kind === "resolved" ? (
          <span class="faint">after {formatDuration(event.at - event.firedAt)}</span>
        ) : onSilence === undefined ? null : (
          <Button size="small" kind="quiet" onClick={onOpen}>
            {silence === undefined ? "Silence" : "Change"}
          </Button>
        )}
      </span>
    </li>
  );
}
