import { useState } from "preact/hooks";
import { Button } from "#ui/components/button.tsx";
import { Field } from "#ui/components/field.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useTask } from "#ui/use-task.ts";
import { useSession } from "../session.ts";
import "./sign-in.css";

/** Sign-in with a password, or with a link sent by mail. Mails and handbooks lead here with the address filled in. */
export function SignInPage() {
  useTitle("Sign in");
  const session = useSession();
  const [asked] = useState(() => new URLSearchParams(window.location.search));
  const [email, setEmail] = useState(asked.get("email") ?? "");
  const [password, setPassword] = useState("");
  const [sentTo, setSentTo] = useState<string>();
  const signIn = useTask(async () => {
    await session.api.signIn(email, password);
    await session.read();
  });
  const sendLink = useTask(async () => {
    await session.api.sendMagicLink(email);
    setSentTo(email);
  });
  const problem = signIn.problem ?? sendLink.problem;

  return (
    <div class="gate">
      <h1>Sign in</h1>
      <p class="muted">to the hub at {window.location.host}</p>
      {sentTo === undefined ? (
        <form
          class="form card card-body"
          onSubmit={(event) => {
            event.preventDefault();
            sendLink.clear();
            void signIn.run();
          }}
        >
          {asked.has("error") ? (
            <p class="notice" role="status">
              This link was used already, or is too old. Have another one mailed to you.
            </p>
          ) : null}
          <Field label="E-mail">
            {(input) => (
              <input
                {...input}
                class="input"
                type="email"
                required
                autocomplete="username"
                value={email}
                onInput={(event) => setEmail(event.currentTarget.value)}
              />
            )}
          </Field>
          <Field label="Password">
            {(input) => (
              <input
                {...input}
                class="input"
                type="password"
                required
                autocomplete="current-password"
                value={password}
                onInput={(event) => setPassword(event.currentTarget.value)}
              />
            )}
          </Field>
          {problem === undefined ? null : <ProblemBox problem={problem} />}
          <Button kind="primary" type="submit" busy={signIn.busy}>
            Sign in
          </Button>
          <div class="or" aria-hidden="true">
            or
          </div>
          <Button
            icon="mail"
            busy={sendLink.busy}
            disabled={!email.includes("@")}
            onClick={() => {
              signIn.clear();
              void sendLink.run();
            }}
          >
            Mail me a link instead
          </Button>
        </form>
      ) : (
        <div class="form card card-body" role="status">
          <h2>Look into your mailbox</h2>
          <p class="muted">
            If {sentTo} has an account, a link that signs you in is on its way. It works once and for a few minutes.
          </p>
          <Button onClick={() => setSentTo(undefined)}>Back</Button>
        </div>
      )}
    </div>
  );
}
