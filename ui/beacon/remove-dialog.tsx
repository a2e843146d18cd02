import { useState } from "preact/hooks";
import type { CommandRequest } from "#shared/api/beacon.ts";
import type { InstanceStatus } from "#shared/inventory.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { ProblemBox } from "../components/problem-box.tsx";
import { TypedName } from "../components/typed-name.tsx";
import { useLoaded } from "../use-loaded.ts";
import { useTask } from "../use-task.ts";
import { useBeacon } from "./beacon-store.ts";
import { CommandRun } from "./command-run.tsx";
import { hasEnded } from "./merge-commands.ts";
import { PlanList } from "./plan-list.tsx";
import "./remove-dialog.css";

type DataChoice = "keep" | "delete";

const removeRequest = (instance: string, data: DataChoice): CommandRequest => ({
  name: "module.remove",
  input: { instance, data, ...(data === "delete" ? { confirm: instance } : {}) },
});

/** Removes an app. What becomes of its data is asked; deleting it takes typing the name. */
export function RemoveDialog({ instance, onClose }: { instance: InstanceStatus; onClose: () => void }) {
  const store = useBeacon();
  const { name, title } = instance;
  const [data, setData] = useState<DataChoice>("keep");
  const [typed, setTyped] = useState("");
  const [commandId, setCommandId] = useState("");
  const plan = useLoaded(() => store.api.plan(removeRequest(name, data)), `${name} ${data}`);
  const removing = useTask(async () => {
    const { id } = await store.submit(removeRequest(name, data), { announce: false });
    setCommandId(id);
  });
  const command = store.commands.value?.find(({ id }) => id === commandId);
  const close = () => {
    store.announce(commandId);
    onClose();
  };

  if (command !== undefined) {
    return (
      <Dialog
        title={`Remove ${title}`}
        view="run"
        onClose={close}
        foot={
          <>
            {hasEnded(command) ? null : <span class="start muted">You can close this: it goes on.</span>}
            <Button onClick={close}>{hasEnded(command) ? "Done" : "Close"}</Button>
          </>
        }
      >
        <CommandRun command={command} plan={plan.data} />
      </Dialog>
    );
  }

  const problem = removing.problem ?? plan.problem;
  return (
    <Dialog
      title={`Remove ${title}`}
      onClose={close}
      foot={
        <>
          <Button onClick={close}>Keep the app</Button>
          <Button
            kind="danger"
            icon="trash"
            busy={removing.busy}
            disabled={plan.data === undefined || (data === "delete" && typed !== name)}
            onClick={() => void removing.run()}
          >
            {data === "keep" ? "Remove the app" : "Remove the app and its data"}
          </Button>
        </>
      }
    >
      <fieldset class="choices">
        <legend class="visually-hidden">What becomes of the data</legend>
        <Choice
          title="Keep the data"
          note={`An app installed later under the name ${name} finds it again.`}
          checked={data === "keep"}
          onPick={() => setData("keep")}
        />
        <Choice
          title="Delete the data as well"
          note="Files, database and passwords of this app are gone for good."
          checked={data === "delete"}
          onPick={() => setData("delete")}
        />
      </fieldset>
      {data === "keep" ? null : <TypedName name={name} typed={typed} onType={setTyped} />}
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {plan.data === undefined ? null : (
        <details class="more">
          <summary>What will be done</summary>
          <PlanList plan={plan.data} />
        </details>
      )}
    </Dialog>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly note: string;
  readonly checked: boolean;
  readonly onPick: () => void;
}

const Choice = ({ title, note, checked, onPick }: ChoiceProps) => (
  <label class="choice">
    <input type="radio" name="data" checked={checked} onChange={onPick} />
    <span>
      <span class="choice-title">{title}</span>
      <span class="muted">{note}</span>
    </span>
  </label>
);
