import { useState } from "preact/hooks";
import type { CommandState, CommandView } from "#shared/api/beacon.ts";
import { Ago } from "../components/ago.tsx";
import { Button } from "../components/button.tsx";
import { Icon } from "../components/icon.tsx";
import { ProblemBox } from "../components/problem-box.tsx";
import { Empty, Skeleton } from "../components/states.tsx";
import { Status, type Tone } from "../components/status.tsx";
import { formatDuration } from "../format.ts";
import { useTask } from "../use-task.ts";
import { useBeacon } from "./beacon-store.ts";
import { CommandHistory } from "./command-history.tsx";
import { CommandLine } from "./command-line.tsx";
import { commandWords, stateWords } from "./command-words.ts";
import { hasEnded } from "./merge-commands.ts";
import "./commands-panel.css";

const tones: Readonly<Record<CommandState, Tone>> = {
  queued: "plain",
  sent: "plain",
  accepted: "plain",
  running: "busy",
  done: "good",
  failed: "bad",
  cancelled: "off",
  expired: "warn",
  lost: "warn",
};

/** What was done to a beacon and by whom, newest first. Those of the reader are "you". */
export function CommandsPanel({ me }: { me: string | undefined }) {
  const commands = useBeacon().commands.value;
  if (commands === undefined) return <Skeleton lines={6} />;
  if (commands.length === 0) {
    return <Empty title="Nothing has happened yet">Installs, starts, stops and removals are listed here.</Empty>;
  }
  return (
    <ul class="rows card">
      {commands.map((command) => (
        <li key={command.id}>
          <CommandEntry command={command} me={me} />
        </li>
      ))}
    </ul>
  );
}

/** Nobody in person ordered what a beacon is delivered with. */
const actorWord = (actor: string, me: string | undefined) =>
  actor === me ? "you" : actor === "provisioning" ? "the hub" : actor;

function CommandEntry({ command, me }: { command: CommandView; me: string | undefined }) {
  const store = useBeacon();
  const cancel = useTask(() => store.cancel(command.id));
  const [isOpen, setOpen] = useState(false);
  const { wish, doing, done } = commandWords(command);
  const ended = hasEnded(command);
  const took =
    command.finishedAt === undefined ? undefined : command.finishedAt - (command.startedAt ?? command.createdAt);
  return (
    <details class="command" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Icon name="chevron" size={13} />
        <span class="command-title">{command.state === "done" ? done : ended ? wish : doing}</span>
        <Status tone={tones[command.state]}>{stateWords[command.state]}</Status>
        <span class="mono faint command-took">{took === undefined ? "" : formatDuration(took)}</span>
        <span class="muted command-who">
          <span class="truncate">{actorWord(command.actor, me)},</span>
          <Ago at={command.createdAt} />
        </span>
      </summary>
      <div class="command-more">
        {ended ? null : <CommandLine command={command} title={doing} />}
        {command.problem === undefined ? null : <ProblemBox problem={command.problem} />}
        {cancel.problem === undefined ? null : <ProblemBox problem={cancel.problem} />}
        <dl class="facts">
          <div>
            <dt>Command</dt>
            <dd class="mono">{command.name}</dd>
          </div>
          <div data-wide="">
            <dt>Id</dt>
            <dd class="mono">{command.id}</dd>
          </div>
          {command.startedAt === undefined ? null : (
            <div>
              <dt>Waited</dt>
              <dd class="mono">{formatDuration(command.startedAt - command.createdAt)}</dd>
            </div>
          )}
        </dl>
        {isOpen ? <CommandHistory command={command} /> : null}
        <pre class="lines">{JSON.stringify(command.input, null, 2)}</pre>
        {ended ? null : (
          <div class="actions">
            <Button kind="danger" size="small" busy={cancel.busy} onClick={() => void cancel.run()}>
              Cancel
            </Button>
          </div>
        )}
      </div>
    </details>
  );
}
