import type { Finding } from "#shared/api/reconcile.ts";
import { formatMoney } from "#shared/money.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Status } from "#ui/components/status.tsx";
import { findingWords, placeOf } from "./finding-words.ts";
import "./finding-row.css";

/** Something that does not agree: what, since when, what it costs, and what to do about it. */
export function FindingRow({ finding }: { finding: Finding }) {
  const { kind, title, detail, hint, since, monthlyCents, currency, resolvable, provider, problem } = finding;
  const { title: word, tone } = findingWords[kind];
  const place = placeOf(finding);
  return (
    <li class="finding-row">
      <span class="finding-kind">
        <Status tone={tone}>{word}</Status>
        <span class="muted">
          since <Ago at={since} />
        </span>
      </span>
      <span class="finding-what">
        <strong>{title}</strong>
        <span>{detail}</span>
        <span class="muted">{hint}</span>
        {resolvable ? <span class="pill finding-certain">The hub puts it right tonight</span> : null}
      </span>
      <span class="finding-cost mono">
        {monthlyCents === undefined || currency === undefined ? null : (
          <>
            {formatMoney(monthlyCents, currency)} <span class="muted">a month</span>
          </>
        )}
        {provider === undefined ? null : <span class="muted">at {provider}</span>}
      </span>
      <span class="finding-place">
        {place === undefined ? null : (
          <Button size="small" kind="quiet" icon="arrow" href={place.href} label={`${place.title}: ${title}`} />
        )}
      </span>
      {problem === undefined ? null : (
        <div class="finding-problem">
          <ProblemBox problem={problem} />
        </div>
      )}
    </li>
  );
}
