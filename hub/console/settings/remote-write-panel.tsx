import { useState } from "preact/hooks";
import type { RemoteWriteInput, RemoteWriteView } from "#shared/api/remote-write.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { ConfirmDialog } from "#ui/components/confirm-dialog.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Skeleton } from "#ui/components/states.tsx";
import { Status } from "#ui/components/status.tsx";
import { useLoaded } from "#ui/use-loaded.ts";
import { RemoteWriteForm } from "./remote-write-form.tsx";
import type { SettingsApi } from "./settings-api.ts";

/** The store that the hub writes to, how far it is, and what that store refused. */
export function RemoteWritePanel({ api }: { api: SettingsApi["remoteWrite"] }) {
  const { data, problem, reload } = useLoaded(api.view, "remote-write");
  const [asked, ask] = useState<"change" | "stop">();
  const close = () => ask(undefined);
  const save = async (input: RemoteWriteInput) => {
    await api.put(input);
    close();
    reload();
  };
  return (
    <section class="card card-body settings-panel" aria-label="Remote write">
      <h3>The hub writes</h3>
      <p class="muted">
        What the whole fleet measures goes to Prometheus, or to any store that takes remote write, from then on.
      </p>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {data === undefined && problem === undefined ? <Skeleton lines={3} /> : null}
      {data === undefined ? null : (
        <>
          {data.target === undefined ? null : <Progress view={data} />}
          {asked === "change" ? (
            <RemoteWriteForm target={data.target} onSave={save} onCancel={close} />
          ) : (
            <div class="actions">
              <Button kind={data.target === undefined ? "primary" : "plain"} onClick={() => ask("change")}>
                {data.target === undefined ? "Write to a store" : "Change"}
              </Button>
              {data.target === undefined ? null : (
                <>
                  <Button icon="retry" onClick={reload}>
                    Look again
                  </Button>
                  <Button kind="danger" onClick={() => ask("stop")}>
                    Turn it off
                  </Button>
                </>
              )}
            </div>
          )}
        </>
      )}
      {asked === "stop" ? (
        <ConfirmDialog
          title="Write to no store any more?"
          verb="Turn it off"
          otherwise="Go on"
          act={async () => {
            await api.remove();
            reload();
          }}
          onClose={close}
        >
          <p>What waits for it is forgotten, and so is its secret. The hub's own charts keep everything.</p>
        </ConfirmDialog>
      ) : null}
    </section>
  );
}

const count = (samples: number) => samples.toLocaleString("en-GB");

function Progress({ view }: { view: RemoteWriteView }) {
  const { target, waiting, sent, dropped, forgotten, refusal, problem, lastSentAt } = view;
  return (
    <>
      <div class="settings-state">
        <code class="mono">{target?.url}</code>
        <Status tone={problem !== undefined ? "bad" : lastSentAt === undefined ? "busy" : "good"}>
          {problem !== undefined ? "Does not get on" : lastSentAt === undefined ? "Nothing written yet" : "On"}
        </Status>
      </div>
      <dl class="facts">
        <div>
          <dt>Written last</dt>
          <dd>{lastSentAt === undefined ? "–" : <Ago at={lastSentAt} />}</dd>
        </div>
        <div>
          <dt>Reports waiting</dt>
          <dd>{count(waiting)}</dd>
        </div>
        <div>
          <dt>Samples written</dt>
          <dd>{count(sent)}</dd>
        </div>
        <div>
          <dt>Samples dropped</dt>
          <dd>{count(dropped)}</dd>
        </div>
        {forgotten === 0 ? null : (
          <div>
            <dt>Waited too long</dt>
            <dd>{count(forgotten)}</dd>
          </div>
        )}
      </dl>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {dropped === 0 || refusal === undefined ? null : (
        <details>
          <summary>Why the store refused the last ones</summary>
          <ProblemBox problem={refusal} />
        </details>
      )}
    </>
  );
}
