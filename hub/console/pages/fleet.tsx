import { useState } from "preact/hooks";
import type { BeaconSummary } from "#shared/api/hub.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { Meter } from "#ui/components/meter.tsx";
import { SearchBox } from "#ui/components/search-box.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { formatCount } from "#ui/format.ts";
import { BeaconStatus } from "../beacon-status.tsx";
import { useFleet } from "../fleet-store.ts";
import { PasswordPrompt } from "../password-prompt.tsx";
import { RunningJobs } from "../running-jobs.tsx";

/** Every beacon at a glance. */
export function FleetPage() {
  const { beacons, isOperator } = useFleet();
  const title = isOperator ? "Fleet" : "Your beacons";
  useTitle(title);
  const [search, setSearch] = useState("");
  const all = beacons.value;
  const wanted = search.trim().toLowerCase();
  const shown = (all ?? []).filter(({ name, domain, email }) => `${name} ${domain} ${email}`.includes(wanted));
  return (
    <>
      <div class="page-head">
        <div class="titles">
          <h1>{title}</h1>
          <p class="sub">{all === undefined ? " " : fleetSentence(all)}</p>
        </div>
        <div class="actions">
          {(all?.length ?? 0) > 1 ? <SearchBox label="Search beacons" value={search} onInput={setSearch} /> : null}
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
      {all !== undefined && all.length > 0 && shown.length === 0 ? (
        <Empty title="No beacon matches">Nothing here has “{search}” in its name, domain or owner.</Empty>
      ) : null}
      {shown.length === 0 ? null : (
        <div class="card fleet">
          <div class="fleet-head" aria-hidden="true">
            <span>Beacon</span>
            <span>Status</span>
            <span>CPU</span>
            <span>Memory</span>
            <span>Disk</span>
            <span>Apps</span>
            <span>Last seen</span>
          </div>
          <ul>
            {shown.map((beacon) => (
              <li key={beacon.id}>
                <BeaconRow beacon={beacon} />
              </li>
            ))}
          </ul>
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

const BeaconRow = ({ beacon }: { beacon: BeaconSummary }) => (
  <a class="fleet-row" href={`/beacons/${beacon.id}`}>
    <span class="fleet-name">
      <strong>{beacon.name}</strong>
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
    </span>
    <span class="fleet-seen muted">{beacon.lastSeenAt === undefined ? "never" : <Ago at={beacon.lastSeenAt} />}</span>
  </a>
);
