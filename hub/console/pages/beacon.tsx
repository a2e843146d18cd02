import { useEffect, useMemo } from "preact/hooks";
import { Addresses } from "#ui/beacon/addresses.tsx";
import { AlertsNow, AlertsPanel } from "#ui/beacon/alerts-panel.tsx";
import { BeaconContext, BeaconStore } from "#ui/beacon/beacon-store.ts";
import { HealthCard } from "#ui/beacon/health-card.tsx";
import { HostFacts } from "#ui/beacon/host-facts.tsx";
import { RootCertificate } from "#ui/beacon/root-certificate.tsx";
import type { Peers } from "#ui/beacon/use-measurements.ts";
import { Ago } from "#ui/components/ago.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { Icon } from "#ui/components/icon.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Empty } from "#ui/components/states.tsx";
import { lazy } from "#ui/lazy.tsx";
import { useToasts } from "#ui/toasts.ts";
import { BeaconStatus } from "../beacon-status.tsx";
import { useFleet } from "../fleet-store.ts";
import { OpenDashboard } from "../open-dashboard.tsx";
import { OwnerNotices } from "../owner-notices.tsx";
import { useSession } from "../session.ts";
import { TrustPanel } from "../trust-panel.tsx";

const AppsPanel = lazy(async () => (await import("#ui/beacon/apps-panel.tsx")).AppsPanel);
const CommandsPanel = lazy(async () => (await import("#ui/beacon/commands-panel.tsx")).CommandsPanel);
const LifecyclePanel = lazy(async () => (await import("../lifecycle/lifecycle-panel.tsx")).LifecyclePanel);
const MetricsPanel = lazy(async () => (await import("#ui/beacon/metrics-panel.tsx")).MetricsPanel);

const tabs = [
  { tab: "overview", title: "Overview" },
  { tab: "apps", title: "Apps" },
  { tab: "alerts", title: "Alerts" },
  { tab: "commands", title: "Commands" },
];

/** One beacon as the hub sees it. */
export function BeaconPage({ id, tab }: { id: string; tab: string }) {
  const toasts = useToasts();
  const { isOperator } = useFleet();
  const { api, state } = useSession();
  const session = state.value;
  const store = useMemo(() => new BeaconStore(api.beacon(id), toasts), [api, id, toasts]);
  useEffect(() => store.open(), [store]);
  const fleet = useFleet().names.value;
  const peers = useMemo(
    (): Peers => ({
      list: fleet.filter((other) => other.id !== id),
      metrics: (other, ...wanted) => api.beacon(other).metrics(...wanted),
    }),
    [fleet, api, id],
  );
  const overview = store.overview.value;
  const problem = store.problem.value;
  const instances = overview?.inventory?.instances ?? [];
  const firing = store.alerts.value?.firing.length ?? 0;
  useTitle(overview?.name ?? "Beacon");
  const back = (
    <a class="crumb" href="/">
      <Icon name="back" size={13} />
      {isOperator ? "Fleet" : "Your beacons"}
    </a>
  );
  if (problem?.code === "not_found")
    return (
      <>
        {back}
        <ProblemBox problem={problem} />
      </>
    );
  return (
    <BeaconContext.Provider value={store}>
      {back}
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      <div class="page-head">
        <div class="titles">
          <h1>{overview?.name ?? " "}</h1>
          {overview === undefined ? null : (
            <p class="sub">
              <BeaconStatus
                beacon={{ ...overview, degraded: instances.filter(({ state }) => state === "degraded").length }}
              />
              <span class="mono">{overview.domain}</span>
              {overview.online || overview.lastSeenAt === undefined ? null : (
                <span>
                  last seen <Ago at={overview.lastSeenAt} />
                </span>
              )}
            </p>
          )}
        </div>
        <div class="actions">
          <OpenDashboard beacon={id} disabled={overview?.inventory === undefined} />
        </div>
      </div>
      <nav class="tabs" aria-label="Of this beacon">
        {tabs.map((of) => (
          <a key={of.tab} href={`/beacons/${id}/${of.tab}`} aria-current={of.tab === tab ? "page" : undefined}>
            {of.title}
            {of.tab === "alerts" && firing > 0 ? <span class="count">{firing}</span> : null}
            {of.tab === "apps" && instances.length > 0 ? (
              <span class="count">{instances.filter(({ core }) => !core).length}</span>
            ) : null}
          </a>
        ))}
      </nav>
      {tab === "overview" ? (
        <>
          <HealthCard overview={overview} />
          <AlertsNow />
          <MetricsPanel peers={peers} />
          {overview?.inventory === undefined ? null : <HostFacts inventory={overview.inventory} />}
          <Addresses inventory={overview?.inventory} />
          <RootCertificate />
          {overview === undefined || !isOperator ? null : <LifecyclePanel beacon={overview} />}
          {overview === undefined ? null : <TrustPanel beacon={overview} api={api} isOperator={isOperator} />}
        </>
      ) : tab === "apps" ? (
        <AppsPanel />
      ) : tab === "alerts" ? (
        <>
          <OwnerNotices beacon={id} />
          <AlertsPanel />
        </>
      ) : tab === "commands" ? (
        <>
          <p class="tab-note muted">
            What was ordered through this hub. The dashboard lists what was done on the beacon itself, too.
          </p>
          <CommandsPanel me={session.is === "in" ? session.me.email : undefined} />
        </>
      ) : (
        <Empty title="There is no such page">A beacon has an overview, apps, alerts and commands.</Empty>
      )}
    </BeaconContext.Provider>
  );
}
