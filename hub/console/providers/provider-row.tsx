import type { ProviderView } from "#shared/api/providers.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { ProgressBar } from "#ui/components/progress-bar.tsx";
import { Status } from "#ui/components/status.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useTask } from "#ui/use-task.ts";
import { lackWords, standingOf } from "./provider-words.ts";
import type { ProvidersApi } from "./providers-api.ts";
import { formatShare, type Share } from "./shares.ts";
import "./provider-row.css";

export interface ProviderRowProps {
  readonly provider: ProviderView;
  readonly share: Share | undefined;
  /** What stands in the field of the weight. */
  readonly weight: string;
  readonly isWrong: boolean;
  readonly onWeight: (weight: string) => void;
  readonly api: ProvidersApi;
  readonly onChecked: (provider: ProviderView) => void;
  readonly onEdit: () => void;
}

/** A provider that has credentials: how it stands, its share, and what it lacks. */
export function ProviderRow(props: ProviderRowProps) {
  const { provider, share, weight, isWrong, onWeight, api, onChecked, onEdit } = props;
  const { name, title, enabled, checkedAt, problem, defaultSizes, defaultRegion, lacks } = provider;
  const toasts = useToasts();
  const { tone, word } = standingOf(provider);
  const checking = useTask(async () => {
    const checked = await api.check(name);
    onChecked(checked);
    if (checked.problem === undefined) toasts.show("good", `${title} takes the credentials.`);
  });
  const failed = checking.problem ?? (checking.busy ? undefined : problem);
  return (
    <li class="provider-row" aria-label={title}>
      <div class="provider-head">
        <span class="provider-name">
          <strong>{title}</strong>
          <span class="muted">
            {defaultSizes.t1} · {defaultSizes.t2} · {defaultSizes.t3} in {defaultRegion}
          </span>
        </span>
        <span class="provider-state">
          <Status tone={checking.busy ? "busy" : tone}>{checking.busy ? "Asking" : word}</Status>
          <span class="muted">
            {checkedAt === undefined ? (
              "never checked"
            ) : (
              <>
                checked <Ago at={checkedAt} />
              </>
            )}
          </span>
        </span>
        <span class="provider-share">
          <label>
            <span class="muted">
              Weight<span class="visually-hidden"> of {title}</span>
            </span>
            <input
              class="input mono"
              type="text"
              inputMode="numeric"
              value={weight}
              aria-invalid={isWrong}
              onInput={({ currentTarget }) => onWeight(currentTarget.value)}
            />
          </label>
          <span class="mono muted">{share === undefined ? (enabled ? "0 %" : "off") : formatShare(share.percent)}</span>
        </span>
        <span class="provider-actions">
          <Button size="small" busy={checking.busy} onClick={() => void checking.run()}>
            Check
          </Button>
          <Button size="small" kind="quiet" icon="pen" label={`Change ${title}`} onClick={onEdit} />
        </span>
      </div>
      <div class="provider-asks">{checking.busy ? <ProgressBar label={`Asking ${title}`} /> : null}</div>
      {failed === undefined ? null : (
        <ProblemBox problem={failed}>
          {failed.code === "provider_credentials" || failed.code === "conflict" ? (
            <Button size="small" onClick={onEdit}>
              Put in other credentials
            </Button>
          ) : undefined}
        </ProblemBox>
      )}
      {lacks.length === 0 ? null : (
        <ul class="provider-lacks muted">
          {lacks.map((lack) => (
            <li key={lack}>{lackWords[lack]}</li>
          ))}
        </ul>
      )}
    </li>
  );
}
