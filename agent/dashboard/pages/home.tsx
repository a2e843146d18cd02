import { Addresses } from "#ui/beacon/addresses.tsx";
import { AlertsNow } from "#ui/beacon/alerts-panel.tsx";
import { useBeacon } from "#ui/beacon/beacon-store.ts";
import { CommandLine } from "#ui/beacon/command-line.tsx";
import { commandWords } from "#ui/beacon/command-words.ts";
import { healthOf } from "#ui/beacon/health.ts";
import { hasEnded } from "#ui/beacon/merge-commands.ts";
import { RootCertificate } from "#ui/beacon/root-certificate.tsx";
import { Button } from "#ui/components/button.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { lazy } from "#ui/lazy.tsx";
import { useNow } from "#ui/use-now.ts";
import { AppTile } from "../app-tile.tsx";
import { HubNotice } from "../hub-notice.tsx";
import "./home.css";

const MetricsPanel = lazy(async () => (await import("#ui/beacon/metrics-panel.tsx")).MetricsPanel);

/** Is everything well? Then the apps, then the measurements. */
export function HomePage() {
  const store = useBeacon();
  const now = useNow(60_000);
  const overview = store.overview.value;
  const running = (store.commands.value ?? []).filter((command) => !hasEnded(command));
  const apps = overview?.inventory?.instances.filter(({ core }) => !core);
  const health = overview === undefined ? undefined : healthOf(overview, now, store.alerts.value?.firing);
  return (
    <>
      <div class="home-health" role="status">
        {health === undefined ? (
          <Skeleton lines={2} />
        ) : (
          <>
            <h1>
              <span class="dot" data-tone={health.tone} />
              {health.sentence}
            </h1>
            <p class="muted">
              <span>{health.detail}</span>
              <span class="mono">{overview?.domain}</span>
            </p>
          </>
        )}
      </div>
      <HubNotice link={overview?.hubLink} />
      <AlertsNow />
      {running.map((command) => (
        <div key={command.id} class="card home-run">
          <CommandLine command={command} title={commandWords(command).doing} />
        </div>
      ))}
      <section aria-label="Your apps">
        <div class="section-head">
          <h2>Your apps</h2>
          {apps === undefined || apps.length === 0 ? null : (
            <Button size="small" icon="plus" href="/apps">
              More apps
            </Button>
          )}
        </div>
        {apps === undefined ? <Skeleton lines={3} /> : null}
        {apps?.length === 0 ? (
          <Empty
            title="No apps yet"
            action={
              <Button kind="primary" icon="plus" href="/apps">
                Choose your first app
              </Button>
            }
          >
            Your beacon is ready. Pick an app from the catalogue and it is yours in a minute or two.
          </Empty>
        ) : (
          <ul class="tiles">
            {apps?.map((instance) => (
              <AppTile key={instance.name} instance={instance} />
            ))}
          </ul>
        )}
      </section>
      <MetricsPanel />
      <Addresses inventory={overview?.inventory} />
      <RootCertificate />
    </>
  );
}
