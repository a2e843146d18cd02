import { useState } from "preact/hooks";
import type { KeysView } from "#shared/api/trust.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { ConfirmDialog } from "#ui/components/confirm-dialog.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Skeleton } from "#ui/components/states.tsx";
import { formatMoment } from "#ui/format.ts";
import { useLoaded } from "#ui/use-loaded.ts";

export interface KeysPanelProps {
  readonly title: string;
  /** What it signs. */
  readonly use: string;
  /** What happens when another one follows it. */
  readonly words: string;
  readonly api: { readonly view: () => Promise<KeysView>; readonly rotate: () => Promise<unknown> };
}

/** The key of one use that signs now, those before it that still count, and a button that has another follow. */
export function KeysPanel({ title, use, words, api }: KeysPanelProps) {
  const { data, problem, reload } = useLoaded(api.view, title);
  const [asked, ask] = useState(false);
  return (
    <section class="card card-body settings-panel" aria-label={title}>
      <h3>{title}</h3>
      <p class="muted">{use}</p>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {data === undefined && problem === undefined ? <Skeleton lines={2} /> : null}
      {data === undefined ? null : (
        <div class="settings-state">
          <div>
            <p>
              <code class="mono">{data.active}</code> signs{" "}
              {data.since === undefined ? (
                "since the hub began."
              ) : (
                <>
                  since <Ago at={data.since} />.
                </>
              )}
            </p>
            {data.before.map(({ id, until }) => (
              <p key={id} class="settings-keys">
                <code class="mono">{id}</code> still counts until {formatMoment(until)}.
              </p>
            ))}
          </div>
          <Button icon="key" onClick={() => ask(true)}>
            Use a new key
          </Button>
        </div>
      )}
      {asked ? (
        <ConfirmDialog
          title="Use a new key?"
          verb="Use a new key"
          otherwise="Keep this one"
          act={async () => {
            await api.rotate();
            reload();
          }}
          onClose={() => ask(false)}
        >
          <p>{words}</p>
        </ConfirmDialog>
      ) : null}
    </section>
  );
}
