import { useState } from "preact/hooks";
import type { CommandRequest, Plan } from "#shared/api/beacon.ts";
import type { InstanceStatus } from "#shared/inventory.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { ProblemBox } from "../components/problem-box.tsx";
import { Skeleton } from "../components/states.tsx";
import { formatCount } from "../format.ts";
import { useLoaded } from "../use-loaded.ts";
import { useTask } from "../use-task.ts";
import { useBeacon } from "./beacon-store.ts";
import { CommandRun } from "./command-run.tsx";
import { hasEnded } from "./merge-commands.ts";
import {
  type Entries,
  entryProblem,
  type ParameterField,
  parameterFields,
  presentEntries,
  settingsOf,
} from "./parameter-fields.ts";
import { ParameterInput } from "./parameter-input.tsx";
import { PlanList } from "./plan-list.tsx";

const configureRequest = (instance: string, fields: readonly ParameterField[], entries: Entries): CommandRequest => ({
  name: "module.configure",
  input: { instance, parameters: settingsOf(fields, entries) },
});

/** The settings of an app as they are now: change them, see the plan, watch it. Closing it stops nothing. */
export function SettingsDialog({ instance, onClose }: { instance: InstanceStatus; onClose: () => void }) {
  const store = useBeacon();
  const { name, module, title, parameters } = instance;
  const modules = useLoaded(() => store.readModules(), "");
  const [changed, setChanged] = useState<Entries>({});
  const [strict, setStrict] = useState(false);
  const [plan, setPlan] = useState<Plan>();
  const [commandId, setCommandId] = useState("");
  const command = store.commands.value?.find(({ id }) => id === commandId);
  const fields = parameterFields(modules.data?.find(({ id }) => id === module)?.parameters);
  const entries = { ...presentEntries(fields, parameters), ...changed };
  const planning = useTask(async () => setPlan(await store.api.plan(configureRequest(name, fields, entries))));
  const changing = useTask(async () => {
    const { id } = await store.submit(configureRequest(name, fields, entries), { announce: false });
    setCommandId(id);
  });
  const close = () => {
    store.announce(commandId);
    onClose();
  };
  const show = () => {
    setStrict(true);
    if (fields.every((field) => entryProblem(field, entries[field.name] ?? "") === undefined)) void planning.run();
  };

  if (command !== undefined) {
    const ended = hasEnded(command);
    return (
      <Dialog
        title={`Settings of ${title}`}
        view="run"
        onClose={close}
        foot={
          <>
            {ended ? null : <span class="start muted">You can close this: it goes on.</span>}
            <Button onClick={close}>{ended ? "Done" : "Close"}</Button>
          </>
        }
      >
        <CommandRun command={command} plan={plan} />
      </Dialog>
    );
  }

  if (plan !== undefined) {
    const nothing = plan.steps.length === 0;
    return (
      <Dialog
        title={`Settings of ${title}`}
        view="plan"
        onClose={close}
        foot={
          <>
            <span class="start">
              <Button kind="quiet" icon="back" onClick={() => setPlan(undefined)}>
                Settings
              </Button>
            </span>
            <Button kind="primary" busy={changing.busy} disabled={nothing} onClick={() => void changing.run()}>
              Change settings
            </Button>
          </>
        }
      >
        <p>
          {nothing
            ? "There is nothing to do: the app has these settings already."
            : `This takes ${formatCount(plan.steps.length, "step")}. Nothing has been changed yet.`}
        </p>
        <PlanList plan={plan} />
        {changing.problem === undefined ? null : <ProblemBox problem={changing.problem} />}
      </Dialog>
    );
  }

  const problem = planning.problem ?? modules.problem;
  return (
    <Dialog
      title={`Settings of ${title}`}
      view="settle"
      onClose={close}
      foot={
        <Button kind="primary" busy={planning.busy} disabled={fields.length === 0} onClick={show}>
          Show the plan
        </Button>
      }
    >
      {modules.data === undefined && modules.problem === undefined ? <Skeleton lines={3} /> : null}
      {modules.data !== undefined && fields.length === 0 ? <p>This app has no settings here.</p> : null}
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          show();
        }}
      >
        {fields.map((field) => (
          <ParameterInput
            key={field.name}
            field={field}
            entry={entries[field.name] ?? ""}
            strict={strict}
            onInput={(entry) => setChanged({ ...changed, [field.name]: entry })}
          />
        ))}
      </form>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
    </Dialog>
  );
}
