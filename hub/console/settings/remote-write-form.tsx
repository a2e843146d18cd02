import { useState } from "preact/hooks";
import type { RemoteWriteInput, RemoteWriteView } from "#shared/api/remote-write.ts";
import { Button } from "#ui/components/button.tsx";
import { Field } from "#ui/components/field.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useTask } from "#ui/use-task.ts";

const kinds = [
  { kind: "none", title: "None" },
  { kind: "basic", title: "Name and password" },
  { kind: "bearer", title: "Bearer token" },
] as const;

export interface RemoteWriteFormProps {
  readonly target: RemoteWriteView["target"];
  readonly onSave: (input: RemoteWriteInput) => Promise<void>;
  readonly onCancel: () => void;
}

/** Where to write and how to sign in there. A secret that is set is not shown, and stays when its field is left empty. */
export function RemoteWriteForm({ target, onSave, onCancel }: RemoteWriteFormProps) {
  const [url, setUrl] = useState(target?.url ?? "");
  const [kind, setKind] = useState(target?.authorization ?? "none");
  const [username, setUsername] = useState(target?.username ?? "");
  const [secret, setSecret] = useState("");
  const isSet = target !== undefined && target.authorization === kind && kind !== "none";
  const saving = useTask(() =>
    onSave({
      url,
      authorization: kind,
      ...(kind === "basic" ? { username } : {}),
      ...(kind === "none" || secret === "" ? {} : { secret }),
    }),
  );
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void saving.run();
      }}
    >
      <div class="settings-form">
        <Field label="URL" note="Of Prometheus: https://…/api/v1/write">
          {(input) => (
            <input
              {...input}
              class="input mono"
              type="url"
              required
              value={url}
              spellcheck={false}
              onInput={(event) => setUrl(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Sign-in">
          {(input) => (
            <select
              {...input}
              class="input"
              value={kind}
              onChange={({ currentTarget }) => {
                setKind(kinds.find((one) => one.kind === currentTarget.value)?.kind ?? "none");
                setSecret("");
              }}
            >
              {kinds.map((one) => (
                <option key={one.kind} value={one.kind}>
                  {one.title}
                </option>
              ))}
            </select>
          )}
        </Field>
        {kind === "basic" ? (
          <Field label="Name">
            {(input) => (
              <input
                {...input}
                class="input mono"
                required
                value={username}
                autocomplete="off"
                spellcheck={false}
                onInput={(event) => setUsername(event.currentTarget.value)}
              />
            )}
          </Field>
        ) : null}
        {kind === "none" ? null : (
          <Field
            label={kind === "basic" ? "Password" : "Token"}
            note={isSet ? "It is set. Leave this empty to keep it." : "Kept sealed, and never shown again."}
          >
            {(input) => (
              <input
                {...input}
                class="input mono"
                type="password"
                required={!isSet}
                value={secret}
                autocomplete="new-password"
                onInput={(event) => setSecret(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
      </div>
      {saving.problem === undefined ? null : <ProblemBox problem={saving.problem} />}
      <div class="actions">
        <Button type="submit" kind="primary" busy={saving.busy}>
          Save
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}
