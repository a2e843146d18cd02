import { Button } from "#ui/components/button.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useLoaded } from "#ui/use-loaded.ts";
import type { AgentApi } from "../agent-api.ts";

/** A beacon has no passwords: whoever may in comes from the hub. */
export function SignedOutPage({ api }: { api: AgentApi }) {
  useTitle("Sign in");
  const hub = useLoaded(api.hub, "hub");
  return (
    <div class="gate">
      <h1>You are not signed in</h1>
      <p class="muted">Sign in at the hub and choose “Open dashboard”. It brings you back here.</p>
      <div class="form card card-body">
        <p class="mono muted truncate">{hub.data ?? " "}</p>
        {hub.problem === undefined ? null : <ProblemBox problem={hub.problem} />}
        {hub.data === undefined ? null : (
          <Button kind="primary" icon="arrow" href={hub.data}>
            Sign in at the hub
          </Button>
        )}
      </div>
    </div>
  );
}
