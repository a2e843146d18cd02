import { useState } from "preact/hooks";
import { Button } from "#ui/components/button.tsx";
import { Dialog } from "#ui/components/dialog.tsx";
import { Field } from "#ui/components/field.tsx";
import { Icon } from "#ui/components/icon.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useTask } from "#ui/use-task.ts";
import { SHORTEST_PASSWORD } from "./hub-api.ts";
import { useSession } from "./session.ts";
import "./password-prompt.css";

const PUT_OFF_KEY = "wopr-password-put-off";

/** For somebody who came by a link and has no password yet: a quiet offer, which can be put off for this visit. */
export function PasswordPrompt() {
  const session = useSession().state.value;
  const [putOff, setPutOff] = useState(() => window.sessionStorage.getItem(PUT_OFF_KEY) !== null);
  const [asking, setAsking] = useState(false);
  if (session.is !== "in" || session.me.hasPassword || putOff) return null;
  return (
    <section class="prompt offer card" aria-label="Password">
      <Icon name="key" size={16} />
      <p>
        <strong>You came in by a link.</strong>{" "}
        <span class="muted">With a password you need not wait for a mail next time.</span>
      </p>
      <div class="actions">
        <Button
          kind="quiet"
          onClick={() => {
            window.sessionStorage.setItem(PUT_OFF_KEY, "");
            setPutOff(true);
          }}
        >
          Not now
        </Button>
        <Button onClick={() => setAsking(true)}>Set a password</Button>
      </div>
      {asking ? <PasswordDialog email={session.me.email} onClose={() => setAsking(false)} /> : null}
    </section>
  );
}

function PasswordDialog({ email, onClose }: { email: string; onClose: () => void }) {
  const session = useSession();
  const toasts = useToasts();
  const [password, setPassword] = useState("");
  const saving = useTask(async () => {
    await session.setPassword(password);
    toasts.show("good", "Your password is set");
  });
  return (
    <Dialog
      title="Set a password"
      size="small"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="first-password" busy={saving.busy}>
            Set password
          </Button>
        </>
      }
    >
      <form
        id="first-password"
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void saving.run();
        }}
      >
        {/* Password stores file a new password under the address beside it. */}
        <input type="email" autocomplete="username" value={email} readOnly hidden />
        <Field label="Password" note={`At least ${SHORTEST_PASSWORD} characters. Links by mail go on working.`}>
          {(input) => (
            <input
              {...input}
              class="input"
              type="password"
              required
              minLength={SHORTEST_PASSWORD}
              maxLength={128}
              autocomplete="new-password"
              value={password}
              onInput={(event) => setPassword(event.currentTarget.value)}
            />
          )}
        </Field>
        {saving.problem === undefined ? null : <ProblemBox problem={saving.problem} />}
      </form>
    </Dialog>
  );
}
