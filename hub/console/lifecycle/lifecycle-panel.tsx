import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { BeaconOverview } from "#shared/api/beacon.ts";
import type { LifecycleJobView, LifecycleKind } from "#shared/api/lifecycle.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Status } from "#ui/components/status.tsx";
import { useRouter } from "#ui/router.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { useFleet } from "../fleet-store.ts";
import { createLifecycleApi } from "./lifecycle-api.ts";
import { LifecycleDialog } from "./lifecycle-dialog.tsx";
import { LifecycleJob } from "./lifecycle-job.tsx";
import { currentJob, doneWords, isUnderWay, mayDelete, stateWords } from "./lifecycle-words.ts";
import "./lifecycle-panel.css";

const SHOWN_PAST = 5;

/** What is done to a beacon as a whole: what is under way, what was, and what can be. */
export function LifecyclePanel({ beacon }: { beacon: BeaconOverview }) {
  const { id, name, suspendedAt } = beacon;
  const fleet = useFleet();
  const api = useMemo(() => createLifecycleApi(id), [id]);
  const { data, problem, reload } = useLoaded(api.jobs, id);
  const [asked, ask] = useState<LifecycleKind>();
  // What an order answers is there before the list is.
  const [told, tell] = useState<LifecycleJobView>();
  const heard = fleet.changes.value;
  useEffect(reload, [heard, reload]);

  const jobs = withNewer(data ?? [], told);
  const current = currentJob(jobs);
  const router = useRouter();
  const toasts = useToasts();
  const deletion = jobs.find(({ change }) => change.change === "delete");
  const wasUnderWay = useRef(false);
  useEffect(() => {
    if (deletion?.state === "done" && wasUnderWay.current) {
      toasts.show("good", `${name} is deleted.`);
      router.navigate("/", { replace: true });
    }
    wasUnderWay.current = deletion !== undefined && isUnderWay(deletion);
  }, [deletion, name, router, toasts]);
  const past = jobs.filter((job) => job !== current).slice(0, SHOWN_PAST);
  const isBusy = data === undefined || jobs.some(isUnderWay);
  const owner = fleet.beacons.value?.find((known) => known.id === id)?.email ?? "its owner";
  return (
    <section class="section" aria-label="Lifecycle">
      <div class="section-head">
        <h2>The whole beacon</h2>
        {suspendedAt === undefined ? null : (
          <span class="lifecycle-suspended">
            Suspended <Ago at={suspendedAt} />
          </span>
        )}
      </div>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {current === undefined ? null : <LifecycleJob job={current} api={api} onTold={tell} />}
      <div class="card card-body lifecycle">
        <div class="actions">
          {suspendedAt === undefined ? (
            <Button icon="stop" disabled={isBusy} onClick={() => ask("suspend")}>
              Suspend
            </Button>
          ) : (
            <Button icon="play" kind="primary" disabled={isBusy} onClick={() => ask("resume")}>
              Resume
            </Button>
          )}
          <Button icon="upload" disabled={isBusy} onClick={() => ask("resize")}>
            Change size
          </Button>
          <Button icon="mail" disabled={isBusy} onClick={() => ask("transfer")}>
            Hand over
          </Button>
          <Button icon="retry" kind="danger" disabled={isBusy} onClick={() => ask("rebuild")}>
            Rebuild
          </Button>
          <Button
            icon="trash"
            kind="danger"
            disabled={data === undefined || !mayDelete(jobs)}
            onClick={() => ask("delete")}
          >
            Delete
          </Button>
        </div>
        {past.length === 0 ? null : (
          <ul class="lifecycle-past" aria-label="Changes before">
            {past.map((job) => (
              <li key={job.id}>
                <Status tone={stateWords[job.state][0]}>
                  {job.state === "done" ? doneWords(job.change) : `${stateWords[job.state][1]}: ${job.change.change}`}
                </Status>
                <span class="muted">
                  <Ago at={job.finishedAt ?? job.createdAt} /> by {job.actor}
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
      {asked === undefined ? null : (
        <LifecycleDialog
          kind={asked}
          name={name}
          email={owner}
          api={api}
          onOrdered={tell}
          onClose={() => ask(undefined)}
        />
      )}
    </section>
  );
}

/** What a request answered, until the list has it as it is later. */
function withNewer(jobs: readonly LifecycleJobView[], told: LifecycleJobView | undefined): readonly LifecycleJobView[] {
  if (told === undefined) return jobs;
  const known = jobs.find(({ id }) => id === told.id);
  if (known === undefined) return [told, ...jobs];
  return known.events.length >= told.events.length ? jobs : jobs.map((job) => (job === known ? told : job));
}
