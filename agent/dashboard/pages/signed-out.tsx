import { useEffect, useState } from "preact/hooks";
import { Button } from "#ui/components/button.tsx";
import { Field } from "#ui/components/field.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useLoaded } from "#ui/use-loaded.ts";
import { useTask } from "#ui/use-task.ts";
import type { AgentApi } from "../agent-api.ts";

/** How `wopr login-link` hands its code over: behind the #, which browsers send to nobody. */
const CODE = /^#sign-in=(login_[\w-]+)$/;

/** A beacon has no passwords: whoever may in comes from the hub, or with a one-time code that root has made on it. */
export function SignedOutPage({ api, onSignedIn }: { api: AgentApi; onSignedIn: () => void }) {
  useTitle("Sign in");
  const hub = useLoaded(api.hub, "hub");
  const [code, type] = useState(() => CODE.exec(location.hash)?.[1] ?? "");
  const signingIn = useTask(async () => {
    // It works once: neither the history nor a reload must have it.
    history.replaceState(null, "", "/");
    await api.signIn(code.trim());
    onSignedIn();
  });
  useEffect(() => {
    if (CODE.test(location.hash)) void signingIn.run();
  }, []);
  const url = hub.data?.url;
  return (
    <div class="gate">
      <h1>You are not signed in</h1>
      {hub.problem === undefined ? null : <ProblemBox problem={hub.problem} />}
      {url === undefined ? null : (
        <>
          <p class="muted">Sign in at the hub and choose “Open dashboard”. It brings you back here.</p>
          <div class="form card card-body">
            <p class="mono muted truncate">{url}</p>
            <Button kind="primary" icon="arrow" href={url}>
              Sign in at the hub
            </Button>
          </div>
        </>
      )}
      <p class="muted">
        Without the hub: run <code>sudo wopr login-link</code> on the beacon, and open what it prints or put its code in
        here.
      </p>
      <div class="form card card-body">
        <Field label="One-time code">
          {(input) => (
            <input
              {...input}
              class="input mono"
              value={code}
              autocomplete="one-time-code"
              spellcheck={false}
              autocapitalize="none"
              onInput={(event) => type(event.currentTarget.value)}
            />
          )}
        </Field>
        {signingIn.problem === undefined ? null : <ProblemBox problem={signingIn.problem} />}
        <Button busy={signingIn.busy} disabled={code === ""} onClick={() => void signingIn.run()}>
          Sign in with the code
        </Button>
      </div>
    </div>
  );
}
