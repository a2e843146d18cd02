import { useId, useState } from "preact/hooks";
import type { ModuleSummary, Plan } from "#shared/api/beacon.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { ProblemBox } from "../components/problem-box.tsx";
import { formatCount } from "../format.ts";
import { useTask } from "../use-task.ts";
import { useBeacon } from "./beacon-store.ts";
import { Catalogue } from "./catalogue.tsx";
import { CommandRun } from "./command-run.tsx";
import { draftIsFine, draftOf, type InstallDraft, installRequest } from "./install-draft.ts";
import { hasEnded } from "./merge-commands.ts";
import { ModuleForm } from "./module-form.tsx";
import { PlanList } from "./plan-list.tsx";

type View = "choose" | "settle" | "plan" | "run";

/** From the catalogue to a running app: choose, settle, see the plan, watch it. Closing it stops nothing. */
export function InstallDialog({ onClose }: { onClose: () => void }) {
  const store = useBeacon();
  const formId = useId();
  const [view, setView] = useState<View>("choose");
  const [module, setModule] = useState<ModuleSummary>();
  const [draft, setDraft] = useState<InstallDraft>({ instance: "", entries: {} });
  const [strict, setStrict] = useState(false);
  const [plan, setPlan] = useState<Plan>();
  const [commandId, setCommandId] = useState("");

  const inventory = store.overview.value?.inventory;
  const taken = (inventory?.instances ?? []).map(({ name }) => name);
  const command = store.commands.value?.find(({ id }) => id === commandId);
  const installed = inventory?.instances.find(({ name }) => name === draft.instance);

  const planning = useTask(async (chosen: ModuleSummary) => {
    setPlan(await store.api.plan(installRequest(chosen, draft)));
    setView("plan");
  });
  const installing = useTask(async (chosen: ModuleSummary) => {
    const { id } = await store.submit(installRequest(chosen, draft), { announce: false });
    setCommandId(id);
    setView("run");
  });
  const close = () => {
    store.announce(commandId);
    onClose();
  };
  const back = (to: View) => {
    planning.clear();
    installing.clear();
    setView(to);
  };

  if (view === "choose" || module === undefined) {
    return (
      <Dialog title="Install an app" size="large" view="choose" onClose={close}>
        <Catalogue
          onPick={(picked) => {
            setModule(picked);
            setDraft(draftOf(picked, taken));
            setStrict(false);
            back("settle");
          }}
        />
      </Dialog>
    );
  }

  if (view === "settle") {
    const submit = () => {
      setStrict(true);
      if (draftIsFine(module, draft, taken)) void planning.run(module);
    };
    return (
      <Dialog
        title={`Install ${module.title}`}
        view="settle"
        onClose={close}
        foot={
          <>
            <span class="start">
              <Button kind="quiet" icon="back" onClick={() => back("choose")}>
                All apps
              </Button>
            </span>
            <Button kind="primary" busy={planning.busy} onClick={submit}>
              Show the plan
            </Button>
          </>
        }
      >
        <ModuleForm
          id={formId}
          module={module}
          draft={draft}
          domain={store.overview.value?.domain ?? ""}
          taken={taken}
          strict={strict}
          onChange={setDraft}
          onSubmit={submit}
        />
        {planning.problem === undefined ? null : <ProblemBox problem={planning.problem} />}
      </Dialog>
    );
  }

  if (view === "plan" && plan !== undefined) {
    return (
      <Dialog
        title={`Install ${module.title}`}
        view="plan"
        onClose={close}
        foot={
          <>
            <span class="start">
              <Button kind="quiet" icon="back" onClick={() => back("settle")}>
                Settings
              </Button>
            </span>
            <Button kind="primary" busy={installing.busy} onClick={() => void installing.run(module)}>
              Install
            </Button>
          </>
        }
      >
        <p>
          {plan.steps.length === 0
            ? "There is nothing to do: the beacon is like this already."
            : `This takes ${formatCount(plan.steps.length, "step")}. Nothing has been changed yet.`}
        </p>
        <PlanList plan={plan} />
        {installing.problem === undefined ? null : <ProblemBox problem={installing.problem} />}
      </Dialog>
    );
  }

  const ended = command !== undefined && hasEnded(command);
  const failed = ended && command.state !== "done";
  const url = installed?.urls[0];
  return (
    <Dialog
      title={`Install ${module.title}`}
      view="run"
      onClose={close}
      foot={
        <>
          {ended ? null : <span class="start muted">You can close this: it goes on.</span>}
          {failed ? <Button onClick={() => back("settle")}>Change settings</Button> : null}
          <Button kind={ended && url === undefined ? "primary" : "plain"} onClick={close}>
            {ended ? "Done" : "Close"}
          </Button>
          {ended && !failed && url !== undefined ? (
            <Button kind="primary" icon="external" href={url} beside>
              Open {module.title}
            </Button>
          ) : null}
        </>
      }
    >
      {command === undefined ? null : <CommandRun command={command} plan={plan} />}
    </Dialog>
  );
}
