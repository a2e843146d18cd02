import { useMemo } from "preact/hooks";
import type { BeaconSummary } from "#shared/api/hub.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { Meter } from "#ui/components/meter.tsx";
import { SearchBox } from "#ui/components/search-box.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { VirtualList } from "#ui/components/virtual-list.tsx";
import { formatCount } from "#ui/format.ts";
import { useRouter } from "#ui/router.tsx";
import { BeaconStatus } from "../beacon-status.tsx";
import { FleetFilters, FleetHead } from "../fleet-controls.tsx";
import { useFleet } from "../fleet-store.ts";
import {
  type AlertsByBeacon,
  alertsByBeacon,
  countFleet,
  type FleetView,
  formatFleetView,
  listFleet,
  parseFleetView,
} from "../fleet-view.ts";
import { PasswordPrompt } from "../password-prompt.tsx";
import { RunningJobs } from "../running-jobs.tsx";
import "./fleet.css";

const ROW_PX = 62;

/** Every beacon at a glance. */
export function FleetPage() {
  const { beacons, alerts, isOperator } = useFleet();
  const router = useRouter();
  const title = isOperator ? "Fleet" : "Your beacons";
  useTitle(title);
  const view = parseFleetView(router.query.value);
  const all = beacons.value;
  const firing = useMemo(() => alertsByBeacon(alerts.value), [alerts.value]);
  const counts = useMemo(() => countFleet(all ?? [], firing), [all, firing]);
  const shown = useMemo(() => listFleet(all ?? [], view, firing), [all, router.query.value, firing]);
  const change = (to: FleetView, how?: { replace: boolean }) => router.show(formatFleetView(to), how);
  return (
    <>
      <div class="page-head">
        <div class="titles">
          <h1>{title}</h1>
          <p class="sub">{all === undefined ? " " : fleetSentence(all)}</p>
        </div>
        <div class="actions">
          {(all?.length ?? 0) > 1 ? (
            <SearchBox
              label="Search beacons"
              value={view.search}
              onInput={(search) => change({ ...view, search }, { replace: true })}
            />
          ) : null}
          {!isOperator || all === undefined || all.length === 0 ? null : (
            <Button kind="primary" icon="plus" href="/beacons/new">
              New beacon
            </Button>
          )}
        </div>
      </div>
      <PasswordPrompt />
      <RunningJobs />
      {all === undefined ? <Skeleton lines={6} /> : null}
      {all?.length === 0 ? (
        <Empty
          title="No beacons yet"
          glyph={"    ·    \n  ( ▲ )  \n ───┴─── "}
          action={
            isOperator ? (
              <Button kind="primary" icon="plus" href="/beacons/new">
                New beacon
              </Button>
            ) : undefined
          }
        >
          A beacon is a server of its own with the apps that its owner picked.
          {isOperator ? " It takes a few minutes." : " Yours is shown here as soon as it is ordered."}
        </Empty>
      ) : null}
      {all !== undefined && all.length > 1 ? (
        <FleetFilters beacons={all} counts={counts} view={view} onChange={change} />
      ) : null}
      {all !== undefined && all.length > 0 && shown.length === 0 ? (
        <Empty
          title="No beacon matches"
          action={<Button onClick={() => change(parseFleetView(""))}>Show all beacons</Button>}
        >
          {view.search === ""
            ? "None is like that now."
            : `Nothing here has “${view.search}” in its name, domain or owner.`}
        </Empty>
      ) : null}
      {shown.length === 0 ? null : (
        <div class="card fleet">
          <FleetHead view={view} onChange={change} />
          <VirtualList
            items={shown}
            keyOf={({ id }) => id}
            render={(beacon) => <BeaconRow beacon={beacon} firing={firing} />}
            label="Beacons"
            rowPx={ROW_PX}
          />
        </div>
      )}
    </>
  );
}

function fleetSentence(beacons: readonly BeaconSummary[]): string {
  if (beacons.length === 0) return "Nothing to watch";
  const online = beacons.filter((beacon) => beacon.online).length;
  const degraded = beacons.reduce((sum, beacon) => sum + beacon.degraded, 0);
  return [
    formatCount(beacons.length, "beacon"),
    `${online} online`,
    ...(degraded === 0 ? [] : [`${formatCount(degraded, "app")} not well`]),
  ].join(" · ");
}

function BeaconRow({ beacon, firing }: { beacon: BeaconSummary; firing: AlertsByBeacon }) {
  const alerts = firing.get(beacon.id) ?? [];
  const isCritical = alerts.some(({ event }) => event.severity === "critical");
  return (
    <a class="fleet-row" href={`/beacons/${beacon.id}`}>
      <span class="fleet-name">
        <strong class="truncate">{beacon.name}</strong>
        <span class="mono muted truncate">{beacon.domain}</span>
      </span>
      <BeaconStatus beacon={beacon} />
      <Meter label="CPU" percent={beacon.cpuPercent} />
      <Meter label="Memory" percent={beacon.memoryPercent} />
      <Meter label="Disk" percent={beacon.diskPercent} />
      <span class="fleet-apps mono">
        {beacon.instances}
        <span class="visually-hidden">{beacon.instances === 1 ? " app" : " apps"}</span>
        {beacon.degraded === 0 ? null : <span class="pill fleet-sick">{beacon.degraded} not well</span>}
        {alerts.length === 0 ? null : (
          <span class="pill fleet-alerts" data-tone={isCritical ? "bad" : "warn"} title={alerts[0]?.event.title}>
            {formatCount(alerts.length, "alert")}
          </span>
        )}
      </span>
      <span class="fleet-seen muted">{lastSeen(beacon)}</span>
    </a>
  );
}

function lastSeen({ online, lastSeenAt }: BeaconSummary) {
  if (online) return "now";
  return lastSeenAt === undefined ? "never" : <Ago at={lastSeenAt} />;
}
