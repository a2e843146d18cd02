import { useMemo, useState } from "preact/hooks";
import type { ProviderView } from "#shared/api/providers.ts";
import { Button } from "#ui/components/button.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { useTask } from "#ui/use-task.ts";
import { ProviderDialog } from "../providers/provider-dialog.tsx";
import { ProviderRow } from "../providers/provider-row.tsx";
import { lackWords } from "../providers/provider-words.ts";
import { createProvidersApi, type ProvidersApi } from "../providers/providers-api.ts";
import { ShareBar } from "../providers/share-bar.tsx";
import { parseWeight, sharesOf } from "../providers/shares.ts";
import "./providers.css";

/** Who rents out the servers: their accounts, and how orders are shared among them. */
export function ProvidersPage() {
  useTitle("Providers");
  const api = useMemo(createProvidersApi, []);
  const loaded = useLoaded(api.list, "providers");
  // What the hub answered to a change is newer than the list.
  const [newer, setNewer] = useState<Readonly<Record<string, ProviderView>>>({});
  const [edited, edit] = useState<string>();
  const providers = loaded.data?.map((one) => newer[one.name] ?? one);
  const take = (provider: ProviderView) => setNewer((before) => ({ ...before, [provider.name]: provider }));
  const open = providers?.find(({ name }) => name === edited);
  const configured = providers?.filter((one) => one.configured) ?? [];
  // Those that can do everything come first.
  const others = (providers ?? []).filter((one) => !one.configured).sort((a, b) => a.lacks.length - b.lacks.length);
  return (
    <>
      <div class="page-head">
        <div class="titles">
          <h1>Providers</h1>
          <p class="sub">Who rents out the servers that become beacons, and how orders are shared among them.</p>
        </div>
      </div>
      {loaded.problem === undefined ? null : <ProblemBox problem={loaded.problem} />}
      {providers === undefined && loaded.problem === undefined ? <Skeleton lines={6} /> : null}
      {providers !== undefined && configured.length === 0 ? (
        <Empty title="No account at a provider yet" glyph={"┌───┐\n│ ▪ │\n├───┤\n│ ▪ │\n└───┘"}>
          Pick one below that you have an account with, make a token there, and put it in here. It is checked at once,
          and gets orders from then on.
        </Empty>
      ) : null}
      {configured.length === 0 ? null : (
        <Configured key={configured.length} providers={configured} api={api} onChange={take} onEdit={edit} />
      )}
      {others.length === 0 ? null : (
        <section class="section" aria-label="Not set up">
          <div class="section-head">
            <h2>{configured.length === 0 ? "Pick one" : "Not set up"}</h2>
            <span class="muted">Explained in docs/providers.md</span>
          </div>
          <ul class="provider-cards">
            {others.map((provider) => (
              <li key={provider.name} class="card card-body provider-card">
                <h3>{provider.title}</h3>
                <p class="muted">
                  {provider.defaultSizes.t1} · {provider.defaultSizes.t2} · {provider.defaultSizes.t3} in{" "}
                  {provider.defaultRegion}
                </p>
                {provider.lacks.map((lack) => (
                  <p key={lack} class="muted provider-card-lack">
                    {lackWords[lack]}
                  </p>
                ))}
                <Button label={`Set up ${provider.title}`} onClick={() => edit(provider.name)}>
                  Set up
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {open === undefined || providers === undefined ? null : (
        <ProviderDialog
          provider={open}
          providers={providers}
          api={api}
          onSaved={take}
          onClose={() => edit(undefined)}
        />
      )}
    </>
  );
}

interface ConfiguredProps {
  readonly providers: readonly ProviderView[];
  readonly api: ProvidersApi;
  readonly onChange: (provider: ProviderView) => void;
  readonly onEdit: (name: string) => void;
}

/** Those with credentials, their weights, and a look at what other weights would do before they are saved. */
function Configured({ providers, api, onChange, onEdit }: ConfiguredProps) {
  const toasts = useToasts();
  /** What was typed and is not saved. */
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const textOf = ({ name, weight }: ProviderView) => typed[name] ?? String(weight);
  const draft = Object.fromEntries(providers.map((one) => [one.name, parseWeight(textOf(one)) ?? 0]));
  const shares = sharesOf(providers, draft);
  const changed = providers.filter((one) => draft[one.name] !== one.weight || parseWeight(textOf(one)) === undefined);
  const isWrong = providers.some((one) => parseWeight(textOf(one)) === undefined);
  const saving = useTask(async () => {
    for (const { name, enabled, weight } of changed) {
      onChange(await api.change(name, { enabled, weight: draft[name] ?? weight }));
    }
    setTyped({});
    toasts.show("good", "Orders are shared so from now on.");
  });
  return (
    <>
      <section class="card card-body share-card" aria-label="Shares">
        <div class="section-head">
          <h2>{changed.length === 0 ? "Orders go to" : "Orders would go to"}</h2>
          <span class="actions">
            <Button size="small" kind="quiet" disabled={changed.length === 0} onClick={() => setTyped({})}>
              Discard
            </Button>
            <Button
              size="small"
              kind={changed.length === 0 ? "plain" : "primary"}
              disabled={changed.length === 0 || isWrong}
              busy={saving.busy}
              onClick={() => void saving.run()}
            >
              Save weights
            </Button>
          </span>
        </div>
        {shares.length === 0 ? (
          <p class="share-none">Nobody gets orders: switch one on and give it a weight. Orders wait until then.</p>
        ) : (
          <ShareBar shares={shares} />
        )}
        {saving.problem === undefined ? null : <ProblemBox problem={saving.problem} />}
      </section>
      <ul class="rows card" aria-label="Providers">
        {providers.map((provider) => (
          <ProviderRow
            key={provider.name}
            provider={provider}
            share={shares.find(({ name }) => name === provider.name)}
            weight={textOf(provider)}
            isWrong={parseWeight(textOf(provider)) === undefined}
            onWeight={(weight) => setTyped({ ...typed, [provider.name]: weight })}
            api={api}
            onChecked={onChange}
            onEdit={() => onEdit(provider.name)}
          />
        ))}
      </ul>
    </>
  );
}
