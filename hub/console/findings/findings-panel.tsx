import { useMemo, useState } from "preact/hooks";
import type { FixedFinding, ReconcileView } from "#shared/api/reconcile.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { ConfirmDialog } from "#ui/components/confirm-dialog.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { ProgressBar } from "#ui/components/progress-bar.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { formatCount } from "#ui/format.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { useTask } from "#ui/use-task.ts";
import { FindingRow } from "./finding-row.tsx";
import { costWords } from "./finding-words.ts";
import { createFindingsApi } from "./findings-api.ts";
import "./findings-panel.css";

/** What does not agree between Stripe, the providers and the books, and what to do about it. */
export function FindingsPanel() {
  const api = useMemo(createFindingsApi, []);
  const loaded = useLoaded(api.view, "findings");
  // What a comparison answers is newer than what was loaded.
  const [newer, setNewer] = useState<ReconcileView>();
  const [asked, ask] = useState(false);
  const comparing = useTask(async (fix: boolean) => setNewer(await api.compare(fix)));
  const view = newer ?? loaded.data;
  const problem = comparing.problem ?? loaded.problem;
  const certain = view?.findings.filter(({ resolvable }) => resolvable) ?? [];
  return (
    <>
      <section class="card card-body findings-head" aria-label="Comparison">
        <p>
          {view === undefined ? " " : <Standing view={view} />}
          <span class="muted findings-when">
            {view?.checkedAt === undefined ? (
              "Not compared yet; it is done every night."
            ) : (
              <>
                Stripe, providers and books were compared <Ago at={view.checkedAt} />; it is done every night.
              </>
            )}
          </span>
        </p>
        <div class="actions">
          {certain.length === 0 ? null : <Button onClick={() => ask(true)}>Put right what is certain</Button>}
          <Button kind="primary" icon="retry" busy={comparing.busy} onClick={() => void comparing.run(false)}>
            Check now
          </Button>
        </div>
        <div class="findings-progress">
          {comparing.busy ? <ProgressBar label="Asking Stripe and every provider" /> : null}
        </div>
      </section>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {view === undefined && problem === undefined ? <Skeleton lines={4} /> : null}
      {newer === undefined || newer.fixed.length === 0 ? null : <Fixed fixed={newer.fixed} />}
      {view === undefined || view.findings.length > 0 ? null : (
        <Empty title={view.checkedAt === undefined ? "Nothing was compared yet" : "Everything agrees"}>
          {view.checkedAt === undefined
            ? "Check now, or wait for the night: servers that nobody pays for, and customers without a server, are listed here."
            : "Every server is somebody’s, every subscription is for something, and nobody waits for what was paid."}
        </Empty>
      )}
      {view === undefined || view.findings.length === 0 ? null : (
        <ul class="rows card" aria-label="Findings">
          {view.findings.map((finding) => (
            <FindingRow key={finding.id} finding={finding} />
          ))}
        </ul>
      )}
      {asked ? (
        <ConfirmDialog
          title="Put right what is certain?"
          verb="Put it right"
          otherwise="Not now"
          act={async () => setNewer(await api.compare(true))}
          onClose={() => ask(false)}
        >
          <p>All is compared once more first, and only what is still so is put right:</p>
          <ul class="findings-certain">
            {certain.map(({ id, title }) => (
              <li key={id}>{title}</li>
            ))}
          </ul>
          <p class="muted">The hub would do it by itself tonight. What is deleted cannot be brought back.</p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}

function Standing({ view: { findings, checkedAt } }: { view: ReconcileView }) {
  const cost = costWords(findings);
  if (checkedAt === undefined) return null;
  return (
    <strong>
      {findings.length === 0
        ? "Nothing was found."
        : `${formatCount(findings.length, "thing does", "things do")} not agree${cost === undefined ? "" : `, at ${cost} a month`}.`}
    </strong>
  );
}

const Fixed = ({ fixed }: { fixed: readonly FixedFinding[] }) => (
  <section class="card card-body findings-fixed" aria-label="Put right" role="status">
    <strong>{formatCount(fixed.length, "thing")} put right</strong>
    <ul>
      {fixed.map(({ id, title, outcome }) => (
        <li key={id}>
          {title} <span class="muted">{outcome}</span>
        </li>
      ))}
    </ul>
  </section>
);
