import { useState } from "preact/hooks";
import type { LifecycleJobView, LifecycleKind, LifecycleRequest } from "#shared/api/lifecycle.ts";
import { ConfirmDialog } from "#ui/components/confirm-dialog.tsx";
import { Field } from "#ui/components/field.tsx";
import { Segments } from "#ui/components/segments.tsx";
import type { LifecycleApi } from "./lifecycle-api.ts";

const tiers = [
  { value: "t1", title: "T1 · 4 GB" },
  { value: "t2", title: "T2 · 8 GB" },
  { value: "t3", title: "T3 · 16 GB" },
] as const;
type Tier = (typeof tiers)[number]["value"];

export interface LifecycleDialogProps {
  readonly kind: LifecycleKind;
  /** Of the beacon. */
  readonly name: string;
  readonly email: string;
  readonly api: Pick<LifecycleApi, "request">;
  readonly onOrdered: (job: LifecycleJobView) => void;
  readonly onClose: () => void;
}

/** Says what will happen to a beacon before it does. What cannot be taken back is confirmed by its name. */
export function LifecycleDialog({ kind, name, email, api, onOrdered, onClose }: LifecycleDialogProps) {
  const [tier, setTier] = useState<Tier>("t2");
  const [heir, setHeir] = useState("");
  const order = async (request: LifecycleRequest) => onOrdered(await api.request(request));
  switch (kind) {
    case "suspend":
      return (
        <ConfirmDialog
          title={`Suspend ${name}?`}
          verb="Suspend"
          otherwise="Not now"
          act={() => order({ change: "suspend" })}
          onClose={onClose}
        >
          <p>
            Its apps are stopped and stay so until it is resumed. Nothing is lost: its server stays on, and {email}{" "}
            still reaches its dashboard. It costs what it cost.
          </p>
        </ConfirmDialog>
      );
    case "resume":
      return (
        <ConfirmDialog
          title={`Resume ${name}?`}
          verb="Resume"
          otherwise="Not now"
          kind="primary"
          act={() => order({ change: "resume" })}
          onClose={onClose}
        >
          <p>The apps that were stopped start again.</p>
        </ConfirmDialog>
      );
    case "resize":
      return (
        <ConfirmDialog
          title={`Change the size of ${name}?`}
          verb="Change the size"
          otherwise="Not now"
          kind="primary"
          act={() => order({ change: "resize", tier })}
          onClose={onClose}
        >
          <Segments label="Size" options={tiers} value={tier} onChange={setTier} />
          <p>
            Its server is switched off for some minutes and comes back with another memory and processor; its disk and
            address stay. What its owner pays is not changed by this: that is on the page Sales.
          </p>
        </ConfirmDialog>
      );
    case "rebuild":
      return (
        <ConfirmDialog
          title={`Rebuild ${name}?`}
          name={name}
          verb="Rebuild without its data"
          act={(confirm) => order({ change: "rebuild", discardData: true, confirm })}
          onClose={onClose}
        >
          <p>
            A new server takes its place, with the same address and the same apps,{" "}
            <strong>and none of their data</strong>. The former server and its disk are deleted at the end.
          </p>
        </ConfirmDialog>
      );
    case "transfer":
      return (
        <ConfirmDialog
          title={`Hand ${name} over?`}
          name={name}
          verb="Hand it over"
          act={(confirm) => order({ change: "transfer", email: heir.trim(), confirm })}
          onClose={onClose}
        >
          <p>
            {email} loses it and is signed out. Both get a mail. The bills go to the new owner where that is possible;
            the job says so where it is not.
          </p>
          <Field label="New owner’s e-mail">
            {(input) => (
              <input
                {...input}
                class="input"
                type="email"
                autocomplete="off"
                value={heir}
                onInput={({ currentTarget }) => setHeir(currentTarget.value)}
              />
            )}
          </Field>
        </ConfirmDialog>
      );
    case "delete":
      return (
        <ConfirmDialog
          title={`Delete ${name}?`}
          name={name}
          verb="Delete it"
          act={(confirm) => order({ change: "delete", confirm })}
          onClose={onClose}
        >
          <p>
            Its subscription ends, its names are taken away, and its server is deleted{" "}
            <strong>with all data on it</strong>. This cannot be taken back.
          </p>
        </ConfirmDialog>
      );
  }
}
