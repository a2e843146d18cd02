import { useState } from "preact/hooks";
import type { NewScrapeToken, ScrapeTokenView } from "#shared/api/scrape-token.ts";
import { Ago } from "./components/ago.tsx";
import { Button } from "./components/button.tsx";
import { ConfirmDialog } from "./components/confirm-dialog.tsx";
import { CopyButton } from "./components/copy-button.tsx";
import { ProblemBox } from "./components/problem-box.tsx";
import { Skeleton } from "./components/states.tsx";
import { scrapeConfig } from "./scrape-config.ts";
import { useLoaded } from "./use-loaded.ts";
import { useTask } from "./use-task.ts";
import "./style/settings.css";

export interface ScrapeTokenApi {
  readonly view: () => Promise<ScrapeTokenView>;
  readonly make: () => Promise<NewScrapeToken>;
  readonly remove: () => Promise<unknown>;
}

/** Who may read `/metrics` of this site without being signed in: a program that has the token, which is shown once. */
export function ScrapeTokenPanel({ api, job }: { api: ScrapeTokenApi; job: string }) {
  const { data, problem, reload } = useLoaded(api.view, "scrape-token");
  const [made, show] = useState<string>();
  const [asked, ask] = useState<"again" | "remove">();
  const make = async () => {
    show((await api.make()).token);
    reload();
  };
  const making = useTask(make);
  const createdAt = data?.createdAt;
  return (
    <section class="card card-body settings-panel" aria-label="Scrape token">
      <h3>Prometheus reads</h3>
      <p class="muted">
        With a token Prometheus reads <code class="mono">{location.origin}/metrics</code>. It opens nothing else.
      </p>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {making.problem === undefined ? null : <ProblemBox problem={making.problem} />}
      {data === undefined && problem === undefined ? <Skeleton lines={1} /> : null}
      {made === undefined ? null : <Shown token={made} job={job} onDone={() => show(undefined)} />}
      {data === undefined ? null : (
        <div class="settings-state">
          <span>
            {createdAt === undefined ? (
              "There is no token."
            ) : (
              <>
                There is a token, made <Ago at={createdAt} />.
              </>
            )}
          </span>
          <div class="actions">
            {createdAt === undefined ? (
              <Button kind="primary" busy={making.busy} onClick={() => void making.run()}>
                Make a token
              </Button>
            ) : (
              <>
                <Button onClick={() => ask("again")}>Make it anew</Button>
                <Button kind="danger" onClick={() => ask("remove")}>
                  Remove it
                </Button>
              </>
            )}
          </div>
        </div>
      )}
      {asked === "again" ? (
        <ConfirmDialog title="Make the token anew?" verb="Make it anew" act={make} onClose={() => ask(undefined)}>
          <p>The present one is valid no more at once. Prometheus reads nothing until it has the new one.</p>
        </ConfirmDialog>
      ) : null}
      {asked === "remove" ? (
        <ConfirmDialog
          title="Remove the token?"
          verb="Remove it"
          act={async () => {
            await api.remove();
            show(undefined);
            reload();
          }}
          onClose={() => ask(undefined)}
        >
          <p>Whoever reads with it is refused from now on.</p>
        </ConfirmDialog>
      ) : null}
    </section>
  );
}

function Shown({ token, job, onDone }: { token: string; job: string; onDone: () => void }) {
  const config = scrapeConfig({ origin: location.origin, job, token });
  return (
    <div class="settings-once">
      <p>
        <strong>Shown only now.</strong> Copy the token, or the lines with it for{" "}
        <code class="mono">prometheus.yml</code>.
      </p>
      <p class="settings-secret mono">{token}</p>
      <pre class="lines">{config}</pre>
      <div class="actions">
        <CopyButton what="token" text={token} />
        <CopyButton what="configuration" text={config} />
        <Button size="small" kind="quiet" onClick={onDone}>
          I have it
        </Button>
      </div>
    </div>
  );
}
