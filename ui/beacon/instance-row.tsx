import type { InstanceStatus } from "#shared/inventory.ts";
import { Button } from "../components/button.tsx";
import { Menu } from "../components/menu.tsx";
import { ProblemBox } from "../components/problem-box.tsx";
import { ProgressBar } from "../components/progress-bar.tsx";
import { Status } from "../components/status.tsx";
import { useTask } from "../use-task.ts";
import { useBeacon } from "./beacon-store.ts";
import { commandWords, percentOf } from "./command-words.ts";
import { instanceTones, instanceWords } from "./health.ts";
import { ModuleMark } from "./module-mark.tsx";
import { UsageLine } from "./usage-line.tsx";
import "./instance-row.css";

export interface InstanceRowProps {
  readonly instance: InstanceStatus;
  readonly onLogs: () => void;
  readonly onTerminal: () => void;
  readonly onUsage: () => void;
  readonly onSettings: () => void;
  readonly onUpdate: () => void;
  readonly onRotate: () => void;
  readonly onRemove: () => void;
}

/** One instance: how it is, where it opens, and what can be done with it. */
export function InstanceRow(props: InstanceRowProps) {
  const { instance, onLogs, onTerminal, onUsage, onSettings, onUpdate, onRotate, onRemove } = props;
  const store = useBeacon();
  const { name, module, title, state, core, urls } = instance;
  const running = store.commandOn(name);
  const start = useTask(() => store.submit({ name: "module.start", input: { instance: name } }));
  const stop = useTask(() => store.submit({ name: "module.stop", input: { instance: name } }));
  const restart = useTask(() => store.submit({ name: "module.restart", input: { instance: name } }));
  const problem = start.problem ?? stop.problem ?? restart.problem;
  const sick = instance.services.filter(
    ({ health, state: is, done }) => health === "unhealthy" || (is !== "running" && !done),
  );
  return (
    <li class="instance" data-core={core ? "" : undefined}>
      <ModuleMark module={module} title={title} />
      <div class="instance-text">
        <p class="instance-title">
          {title}
          {name === module ? null : <span class="mono muted">{name}</span>}
          {instance.availableVersion === undefined ? null : (
            <button type="button" class="instance-update" disabled={running !== undefined} onClick={onUpdate}>
              Update to {instance.availableVersion}
            </button>
          )}
        </p>
        {urls[0] === undefined || core ? (
          <p class="muted truncate mono">{instance.services.map(({ image }) => image).join(", ")}</p>
        ) : (
          <a class="instance-url mono truncate" href={urls[0]} target="_blank" rel="noreferrer">
            {urls[0].replace(/^https?:\/\/|\/$/g, "")}
          </a>
        )}
      </div>
      <div class="instance-state">
        <Status tone={instanceTones[state]}>{instanceWords[state]}</Status>
        {state === "running" ? <UsageLine instance={name} title={title} onOpen={onUsage} /> : null}
        {state === "degraded" && sick.length > 0 ? (
          <span class="faint">{sick.map((service) => `${nameOf(service)}: ${wordOf(service)}`).join(", ")}</span>
        ) : null}
      </div>
      <div class="actions instance-actions">
        {urls[0] === undefined || core || state === "stopped" ? null : (
          <Button size="small" icon="external" href={urls[0]} beside>
            Open
          </Button>
        )}
        <Button kind="quiet" size="small" icon="logs" label={`Log of ${title}`} onClick={onLogs} />
        {state === "stopped" ? null : (
          <>
            <Button
              kind="quiet"
              size="small"
              icon="terminal"
              label={`Terminal in ${title}`}
              disabled={!instance.services.some((service) => service.state === "running")}
              onClick={onTerminal}
            />
            <Button
              kind="quiet"
              size="small"
              icon="retry"
              label={`Restart ${title}`}
              busy={restart.busy}
              disabled={running !== undefined}
              onClick={() => void restart.run()}
            />
          </>
        )}
        {core ? null : state === "stopped" ? (
          <Button
            kind="quiet"
            size="small"
            icon="play"
            label={`Start ${title}`}
            busy={start.busy}
            disabled={running !== undefined}
            onClick={() => void start.run()}
          />
        ) : (
          <Button
            kind="quiet"
            size="small"
            icon="stop"
            label={`Stop ${title}`}
            busy={stop.busy}
            disabled={running !== undefined}
            onClick={() => void stop.run()}
          />
        )}
        {core ? null : (
          <Menu
            label={`More of ${title}`}
            items={[
              { title: "Settings", icon: "pen", disabled: running !== undefined, onPick: onSettings },
              { title: "New passwords", icon: "key", disabled: running !== undefined, onPick: onRotate },
              { title: "Remove", icon: "trash", danger: true, disabled: running !== undefined, onPick: onRemove },
            ]}
          />
        )}
      </div>
      {running === undefined ? null : (
        <div class="instance-run" role="status">
          <span class="muted truncate">{running.progress?.title ?? `${commandWords(running).doing} …`}</span>
          <ProgressBar label={commandWords(running).doing} percent={percentOf(running)} />
        </div>
      )}
      {problem === undefined ? null : (
        <div class="instance-run">
          <ProblemBox problem={problem} />
        </div>
      )}
    </li>
  );
}

const nameOf = ({ name, replica }: InstanceStatus["services"][number]) =>
  replica === undefined ? name : `${name} #${replica}`;

const wordOf = ({ health, state }: InstanceStatus["services"][number]) => (state === "running" ? health : state);
