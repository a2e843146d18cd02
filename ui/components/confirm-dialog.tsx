import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useTask } from "../use-task.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ProblemBox } from "./problem-box.tsx";
import { TypedName } from "./typed-name.tsx";

export interface Confirmation {
  readonly title: string;
  /** What will happen. */
  readonly children: ComponentChildren;
  /** Has to be typed first. */
  readonly name?: string;
  readonly verb: string;
  /** Of the button that does nothing. */
  readonly otherwise?: string;
  /** How that button looks; as something dangerous when absent. */
  readonly kind?: "primary" | "danger";
  readonly act: (confirm: string) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before something is done that cannot be taken back. Closes when it is done. */
export function ConfirmDialog({
  title,
  children,
  name,
  verb,
  otherwise = "Keep it",
  kind = "danger",
  act,
  onClose,
}: Confirmation) {
  const [typed, type] = useState("");
  const acting = useTask(async () => {
    await act(typed);
    onClose();
  });
  return (
    <Dialog
      title={title}
      size="small"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{otherwise}</Button>
          <Button
            kind={kind}
            busy={acting.busy}
            disabled={name !== undefined && typed !== name}
            onClick={() => void acting.run()}
          >
            {verb}
          </Button>
        </>
      }
    >
      {children}
      {name === undefined ? null : <TypedName name={name} typed={typed} onType={type} />}
      {acting.problem === undefined ? null : <ProblemBox problem={acting.problem} />}
    </Dialog>
  );
}
