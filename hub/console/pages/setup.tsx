import { useState } from "preact/hooks";
import { Button } from "#ui/components/button.tsx";
import { Field } from "#ui/components/field.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useTask } from "#ui/use-task.ts";
import { type Setup, SHORTEST_PASSWORD } from "../hub-api.ts";
import { useSession } from "../session.ts";

interface Input {
  readonly key: keyof Setup;
  readonly label: string;
  readonly note?: string;
  readonly type: { readonly type: "text" } | { readonly type: "email" } | { readonly type: "password" };
  readonly autocomplete: "off" | "name" | "username" | "new-password";
}

const inputs: readonly Input[] = [
  {
    key: "code",
    label: "Set-up code",
    note: "The hub said at its start in which file it stands. It shows that you run this hub.",
    type: { type: "text" },
    autocomplete: "off",
  },
  { key: "name", label: "Your name", type: { type: "text" }, autocomplete: "name" },
  { key: "email", label: "E-mail", type: { type: "email" }, autocomplete: "username" },
  {
    key: "password",
    label: "Password",
    note: `At least ${SHORTEST_PASSWORD} characters.`,
    type: { type: "password" },
    autocomplete: "new-password",
  },
];

/** First start: whoever has the code becomes the first operator. */
export function SetupPage() {
  useTitle("Set up");
  const session = useSession();
  const [setup, setSetup] = useState<Setup>({ code: "", name: "", email: "", password: "" });
  const saving = useTask(async () => {
    await session.api.putSetup({ ...setup, code: setup.code.trim() });
    await session.read();
    // A hub that does not sign the new operator in by itself is asked to.
    if (session.state.value.is !== "in") {
      await session.api.signIn(setup.email, setup.password);
      await session.read();
    }
  });
  return (
    <div class="gate">
      <h1>A new hub</h1>
      <p class="muted">Make the first operator. Everything else comes after.</p>
      <form
        class="form card card-body"
        onSubmit={(event) => {
          event.preventDefault();
          void saving.run();
        }}
      >
        {inputs.map(({ key, label, note, type, autocomplete }) => (
          <Field key={key} label={label} note={note}>
            {(input) => (
              <input
                {...input}
                {...type}
                class={key === "code" ? "input mono" : "input"}
                required
                {...(key === "password" ? { minLength: SHORTEST_PASSWORD } : {})}
                autocomplete={autocomplete}
                value={setup[key]}
                onInput={(event) => setSetup({ ...setup, [key]: event.currentTarget.value })}
              />
            )}
          </Field>
        ))}
        {saving.problem === undefined ? null : <ProblemBox problem={saving.problem} />}
        <Button kind="primary" type="submit" busy={saving.busy}>
          Set up this hub
        </Button>
      </form>
    </div>
  );
}
