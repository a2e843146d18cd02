import type { CommandView, LedgerLine } from "#shared/api/beacon.ts";
import { ProblemBox } from "../components/problem-box.tsx";
import { Skeleton } from "../components/states.tsx";
import { formatDuration, formatMoment } from "../format.ts";
import { useLoaded } from "../use-loaded.ts";
import { useBeacon } from "./beacon-store.ts";
import { stateWords } from "./command-words.ts";
import "./command-history.css";

/** The life of a command, line by line: who or what brought it where it is, when, and how long after the line before. */
export function CommandHistory({ command }: { command: CommandView }) {
  const { api } = useBeacon();
  const { data, problem } = useLoaded(() => api.command(command.id), `${command.id} ${command.state}`);
  if (problem !== undefined) return <ProblemBox problem={problem} />;
  if (data === undefined) return <Skeleton lines={3} />;
  return (
    <ol class="command-history" aria-label="History">
      {data.history.map((line, index) => (
        // Lines are only ever added.
        <li key={index}>
          <HistoryLine line={line} before={data.history[index - 1]} />
        </li>
      ))}
    </ol>
  );
}

const HistoryLine = ({ line, before }: { line: LedgerLine; before: LedgerLine | undefined }) => (
  <>
    <time class="mono faint" dateTime={new Date(line.at).toISOString()} title={clockWords(line)}>
      {before === undefined ? formatMoment(line.at) : `+${formatDuration(Math.max(0, line.at - before.at))}`}
    </time>
    <span>{stateWords[line.state]}</span>
    <span class="muted">
      {line.actor}
      {line.why === undefined ? "" : `: ${line.why}`}
    </span>
  </>
);

const clockWords = ({ at, saidAt }: LedgerLine) =>
  saidAt === undefined ? formatMoment(at) : `${formatMoment(at)}; by the beacon's clock ${formatMoment(saidAt)}`;
