import { AlertList } from "#ui/beacon/alert-list.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { AlertRulesPanel } from "../alert-rules-panel.tsx";
import { ChannelsPanel } from "../channels-panel.tsx";
import { useFleet } from "../fleet-store.ts";

const tabs = [
  { tab: "now", title: "Now", href: "/alerts" },
  { tab: "channels", title: "Channels", href: "/alerts/channels" },
  { tab: "rules", title: "Rules", href: "/alerts/rules" },
];

/** What is wrong in the fleet, who is told of it, and what counts as wrong. */
export function AlertsPage({ tab }: { tab: string }) {
  useTitle("Alerts");
  const firing = useFleet().alerts.value;
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
      ) : tab === "channels" ? (
        <ChannelsPanel />
      ) : tab === "rules" ? (
        <AlertRulesPanel />
      ) : (
        <Empty title="There is no such page">Alerts have a list, channels and rules.</Empty>
      )}
    </>
  );
}

function FiringList() {
  const { alerts, names } = useFleet();
  const firing = alerts.value;
  if (firing === undefined) return <Skeleton lines={4} />;
  if (firing.length === 0) return <Empty title="Nothing is wrong">No beacon needs attention now.</Empty>;
  const nameOf = new Map(names.value.map(({ id, name }) => [id, name]));
  const beaconOf = (nth: number) => {
    const id = firing[nth]?.beacon ?? "";
    return <a href={`/beacons/${id}/alerts`}>{nameOf.get(id) ?? id}</a>;
  };
  return <AlertList events={firing.map(({ event }) => event)} of={beaconOf} />;
}
