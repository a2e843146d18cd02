import { useState } from "preact/hooks";
import type { CommandView } from "#shared/api/beacon.ts";
import type { InstanceStatus } from "#shared/inventory.ts";
import { Button } from "../components/button.tsx";
import { Empty, Skeleton } from "../components/states.tsx";
import { TerminalDialog } from "../terminal/terminal-dialog.tsx";
import { useBeacon } from "./beacon-store.ts";
import { CommandLine } from "./command-line.tsx";
import { commandWords, instanceOf } from "./command-words.ts";
import { InstallDialog } from "./install-dialog.tsx";
import { InstanceRow } from "./instance-row.tsx";
import { LogsDialog } from "./logs-dialog.tsx";
import { hasEnded } from "./merge-commands.ts";
import { RemoveDialog } from "./remove-dialog.tsx";
import { RotateDialog } from "./rotate-dialog.tsx";
import { SettingsDialog } from "./settings-dialog.tsx";
import { UpdateDialog } from "./update-dialog.tsx";
import { UsageDialog } from "./usage-dialog.tsx";

type Opened =
  | { readonly what: "install" }
  | {
      readonly what: "logs" | "remove" | "rotate" | "settings" | "terminal" | "update" | "usage";
      readonly instance: InstanceStatus;
    };

/** The apps of a beacon, and below them what they stand on. */
export function AppsPanel() {
  const store = useBeacon();
  const [opened, setOpened] = useState<Opened>();
  const inventory = store.overview.value?.inventory;
  const close = () => setOpened(undefined);
  const row = (instance: InstanceStatus) => (
    <InstanceRow
      key={instance.name}
      instance={instance}
      onLogs={() => setOpened({ what: "logs", instance })}
      onTerminal={() => setOpened({ what: "terminal", instance })}
      onUsage={() => setOpened({ what: "usage", instance })}
      onSettings={() => setOpened({ what: "settings", instance })}
      onUpdate={() => setOpened({ what: "update", instance })}
      onRotate={() => setOpened({ what: "rotate", instance })}
      onRemove={() => setOpened({ what: "remove", instance })}
    />
  );
  const install = (
    <Button kind="primary" icon="plus" onClick={() => setOpened({ what: "install" })}>
      Install app
    </Button>
  );
  const apps = inventory?.instances.filter(({ core }) => !core) ?? [];
  const core = inventory?.instances.filter((instance) => instance.core) ?? [];
  const arriving = arrivingCommands(store.commands.value ?? [], inventory?.instances ?? []);
  const nothing = apps.length === 0 && arriving.length === 0;
  return (
    <>
      <section aria-label="Apps">
        <div class="section-head">
          <h2>Installed</h2>
          {inventory === undefined || nothing ? null : install}
        </div>
        {inventory === undefined ? <Skeleton lines={4} /> : null}
        {inventory !== undefined && nothing ? (
          <Empty title="No apps yet" glyph={"┌───┐ ┌ ─ ┐\n│ ▪ │   +  \n└───┘ └ ─ ┘"} action={install}>
            Pick one from the catalogue. You see every step before anything is changed.
          </Empty>
        ) : (
          <ul class="rows card">
            {arriving.map((command) => (
              <li key={command.id} class="instance-arriving">
                <CommandLine command={command} title={commandWords(command).doing} />
              </li>
            ))}
            {apps.map(row)}
          </ul>
        )}
      </section>
      {core.length === 0 ? null : (
        <section class="section" aria-label="Core services">
          <div class="section-head">
            <h2>
              Core services <span class="muted core-note">what the apps stand on</span>
            </h2>
          </div>
          <ul class="rows card">{core.map(row)}</ul>
        </section>
      )}
      {opened?.what === "install" ? <InstallDialog onClose={close} /> : null}
      {opened?.what === "logs" ? <LogsDialog instance={opened.instance} onClose={close} /> : null}
      {opened?.what === "terminal" ? <TerminalDialog instance={opened.instance} onClose={close} /> : null}
      {opened?.what === "settings" ? <SettingsDialog instance={opened.instance} onClose={close} /> : null}
      {opened?.what === "usage" ? <UsageDialog instance={opened.instance} onClose={close} /> : null}
      {opened?.what === "update" ? <UpdateDialog instance={opened.instance} onClose={close} /> : null}
      {opened?.what === "rotate" ? <RotateDialog instance={opened.instance} onClose={close} /> : null}
      {opened?.what === "remove" ? <RemoveDialog instance={opened.instance} onClose={close} /> : null}
    </>
  );
}

/** Installs that go on and whose instance the beacon does not list yet. */
const arrivingCommands = (commands: readonly CommandView[], instances: readonly InstanceStatus[]) =>
  commands.filter(
    (command) =>
      command.name === "module.install" &&
      !hasEnded(command) &&
      !instances.some(({ name }) => name === instanceOf(command)),
  );
