import { useState } from "preact/hooks";
import type { BeaconOverview } from "#shared/api/beacon.ts";
import type { NewEnrolmentToken } from "#shared/api/hub.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { ConfirmDialog } from "#ui/components/confirm-dialog.tsx";
import { Dialog } from "#ui/components/dialog.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useTask } from "#ui/use-task.ts";
import type { HubApi } from "./hub-api.ts";

type Asked = "revoke" | "enrol" | "leave";

/** Who speaks for a beacon, and how it leaves. */
export function TrustPanel({ beacon, api, isOperator }: { beacon: BeaconOverview; api: HubApi; isOperator: boolean }) {
  const [asked, ask] = useState<Asked>();
  const close = () => ask(undefined);
  return (
    <section class="section" aria-label="Agent">
      <div class="section-head">
        <h2>Agent</h2>
      </div>
      <div class="card card-body">
        {beacon.revokedAt === undefined ? null : (
          <p>
            Its agent was shut out <Ago at={beacon.revokedAt} />. What runs on it goes on.
          </p>
        )}
        {beacon.leavingSince === undefined ? null : (
          <p>
            It leaves this hub as soon as its agent is there; asked for <Ago at={beacon.leavingSince} />.
          </p>
        )}
        <div class="actions">
          {isOperator ? (
            <>
              <Button onClick={() => ask("enrol")}>Enrol another agent</Button>
              <Button kind="danger" disabled={beacon.revokedAt !== undefined} onClick={() => ask("revoke")}>
                Shut the agent out
              </Button>
            </>
          ) : null}
          <Button kind="danger" disabled={beacon.leavingSince !== undefined} onClick={() => ask("leave")}>
            Detach from this hub
          </Button>
        </div>
      </div>
      {asked === "enrol" ? <EnrolDialog beacon={beacon} api={api} onClose={close} /> : null}
      {asked === "revoke" ? (
        <ConfirmDialog
          title={`Shut the agent of ${beacon.name} out?`}
          name={beacon.name}
          verb="Shut it out"
          act={(confirm) => api.revoke(beacon.id, confirm)}
          onClose={close}
        >
          <p>
            Its link ends at once, and it gets in no more. Apps on the beacon go on. Another agent needs a new token.
          </p>
        </ConfirmDialog>
      ) : null}
      {asked === "leave" ? (
        <ConfirmDialog
          title={`Detach ${beacon.name} from this hub?`}
          name={beacon.name}
          verb="Detach it"
          act={(confirm) => api.leave(beacon.id, confirm)}
          onClose={close}
        >
          <p>
            This cannot be taken back. Everything on the beacon goes on; the hub can command it no more, and forgets it
            but for the purchase.
          </p>
        </ConfirmDialog>
      ) : null}
    </section>
  );
}

function EnrolDialog({ beacon, api, onClose }: { beacon: BeaconOverview; api: HubApi; onClose: () => void }) {
  const [made, show] = useState<NewEnrolmentToken>();
  const making = useTask(async () => show(await api.reissue(beacon.id)));
  return (
    <Dialog
      title={`Enrol another agent for ${beacon.name}?`}
      size="small"
      onClose={onClose}
      foot={
        made === undefined ? (
          <Button kind="primary" busy={making.busy} onClick={() => void making.run()}>
            Make a token
          </Button>
        ) : (
          <Button onClick={onClose}>I have it</Button>
        )
      }
    >
      {made === undefined ? (
        <p>
          A one-time token, good for an hour on any server. The present agent counts until the new one has proved
          itself.
        </p>
      ) : (
        <>
          <p>
            Shown only now. Write it into the agent's enrolment token file on the server, and start the agent again.
          </p>
          <p class="mono">{made.token}</p>
        </>
      )}
      {making.problem === undefined ? null : <ProblemBox problem={making.problem} />}
    </Dialog>
  );
}
