import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { CommandRequest } from "#shared/api/beacon.ts";
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
import { PlanList } from "./plan-list.tsx";

export interface PlanDialogProps {
  readonly title: string;
  readonly request: CommandRequest;
  /** What it means, before anything is done. */
  readonly children: ComponentChildren;
  /** On the button that has it done. */
  readonly confirm: string;
  readonly onClose: () => void;
}

/** A command that needs no answers: what it means, its plan, and the way it goes. Closing it stops nothing. */
export function PlanDialog({ title, request, children, confirm, onClose }: PlanDialogProps) {
  const store = useBeacon();
  const [commandId, setCommandId] = useState("");
  const planning = useLoaded(() => store.api.plan(request), JSON.stringify(request));
  const plan = planning.data;
  const doing = useTask(async () => {
    const { id } = await store.submit(request, { announce: false });
    setCommandId(id);
  });
  const command = store.commands.value?.find(({ id }) => id === commandId);
  const close = () => {
    store.announce(commandId);
    onClose();
  };

  if (command !== undefined) {
    const ended = hasEnded(command);
    return (
      <Dialog
        title={title}
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

  const nothing = plan?.steps.length === 0;
  const problem = doing.problem ?? planning.problem;
  return (
    <Dialog
      title={title}
      view="plan"
      onClose={close}
      foot={
        <>
          <Button onClick={close}>Leave it as it is</Button>
          <Button
            kind="primary"
            busy={doing.busy}
            disabled={plan === undefined || nothing}
            onClick={() => void doing.run()}
          >
            {confirm}
          </Button>
        </>
      }
    >
      <p>{children}</p>
      {plan === undefined && problem === undefined ? <Skeleton lines={4} /> : null}
      {plan === undefined ? null : (
        <>
          <p class="muted">
            {nothing
              ? "There is nothing to do."
              : `This takes ${formatCount(plan.steps.length, "step")}. Nothing has been changed yet.`}
          </p>
          <PlanList plan={plan} />
        </>
      )}
      {problem === undefined ? null : <ProblemBox problem={problem} />}
    </Dialog>
  );
}
