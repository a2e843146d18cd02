import type { ComponentChildren } from "preact";
import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import { Ago } from "../components/ago.tsx";
import { Status, type Tone } from "../components/status.tsx";
import { formatDuration } from "../format.ts";

const words = { warning: "Warning", critical: "Critical" } as const;

export const toneOf = ({ severity }: Pick<AlertEvent, "severity">): Tone => (severity === "critical" ? "bad" : "warn");

/** What is wrong, or was: how bad, what, and since when. */
export function AlertList({ events, of }: { events: readonly AlertEvent[]; of?: (nth: number) => ComponentChildren }) {
  return (
    <ul class="alerts card">
      {events.map((event, nth) => (
        <li key={`${nth} ${event.id}`} class="alert-row">
          {event.kind === "resolved" ? (
            <Status tone="off">Over</Status>
          ) : (
            <Status tone={toneOf(event)}>{words[event.severity]}</Status>
          )}
          <span class="alert-what">
            {of === undefined ? null : <span class="alert-of">{of(nth)}</span>}
            <span>{event.title}</span>
          </span>
          <span class="muted alert-when">
            <Ago at={event.at} />
            {event.kind === "resolved" ? (
              <span class="faint">after {formatDuration(event.at - event.firedAt)}</span>
            ) : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
