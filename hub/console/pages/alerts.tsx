import { type FleetAlert, HUB_ITSELF } from "#shared/api/alerts.ts";
import { AlertList, type ListedAlert } from "#ui/beacon/alert-list.tsx";
import { ChannelsPanel } from "#ui/channels/channels-panel.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { useLoaded } from "#ui/use-loaded.ts";
import { AlertRulesPanel } from "../alert-rules-panel.tsx";
import { useFleet } from "../fleet-store.ts";

const tabs = [
  { tab: "now", title: "Now", href: "/alerts" },
  { tab: "history", title: "History", href: "/alerts/history" },
  { tab: "channels", title: "Channels", href: "/alerts/channels" },
  { tab: "rules", title: "Rules", href: "/alerts/rules" },
];

/** What is wrong in the fleet, who is told of it, and what counts as wrong. */
export function AlertsPage({ tab }: { tab: string }) {
  useTitle("Alerts");
  const { alerts, api } = useFleet();
  const firing = alerts.value;
  return (
    <>
      <div class="page-head">
        <div class="titles">
          <h1>Alerts</h1>
          <p class="sub">What is wrong with beacons, who is told of it, and what counts as wrong.</p>
        </div>
      </div>
      <nav class="tabs" aria-label="Of alerts">
        {tabs.map((of) => (
          <a key={of.tab} href={of.href} aria-current={of.tab === tab ? "page" : undefined}>
            {of.title}
            {of.tab === "now" && (firing?.length ?? 0) > 0 ? <span class="count">{firing?.length}</span> : null}
          </a>
        ))}
      </nav>
      {tab === "now" ? (
        <FiringList />
      ) : tab === "history" ? (
        <HistoryList />
      ) : tab === "channels" ? (
        <ChannelsPanel api={api.channels} hasBeacons />
      ) : tab === "rules" ? (
        <AlertRulesPanel />
      ) : (
        <Empty title="There is no such page">Alerts have a list, a history, channels and rules.</Empty>
      )}
    </>
  );
}

/** Alerts of the fleet, each with the beacon that it is of. */
function useListed(alerts: readonly FleetAlert[]): ListedAlert[] {
  const { names, api, readAlerts } = useFleet();
  const nameOf = new Map(names.value.map(({ id, name }) => [id, name]));
  return alerts.map(({ beacon, event, silence }) => ({
    event,
    silence,
    of:
      beacon === HUB_ITSELF ? (
        <span>This hub</span>
      ) : (
        <a href={`/beacons/${beacon}/alerts`}>{nameOf.get(beacon) ?? beacon}</a>
      ),
    onSilence: async (input) => {
      await (beacon === HUB_ITSELF ? api.silenceHub(input) : api.beacon(beacon).silence(input));
      await readAlerts();
    },
  }));
}

function FiringList() {
  const firing = useFleet().alerts.value;
  const listed = useListed(firing ?? []);
  if (firing === undefined) return <Skeleton lines={4} />;
  if (firing.length === 0) return <Empty title="Nothing is wrong">No beacon needs attention now.</Empty>;
  return <AlertList alerts={listed} />;
}

function HistoryList() {
  const { api } = useFleet();
  const { data, problem } = useLoaded(api.alertHistory, "alert-history");
  const listed = useListed(data ?? []);
  if (problem !== undefined) return <ProblemBox problem={problem} />;
  if (data === undefined) return <Skeleton lines={6} />;
  if (data.length === 0) return <Empty title="Nothing was ever wrong">What begins and ends is listed here.</Empty>;
  return <AlertList alerts={listed.map(({ event, of }) => ({ event, of }))} />;
}
