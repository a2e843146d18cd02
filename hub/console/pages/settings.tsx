import { useMemo } from "preact/hooks";
import { useTitle } from "#ui/components/frame.tsx";
import { ScrapeTokenPanel } from "#ui/scrape-token-panel.tsx";
import { KeysPanel } from "../settings/keys-panel.tsx";
import { PeoplePanel } from "../settings/people-panel.tsx";
import { RemoteWritePanel } from "../settings/remote-write-panel.tsx";
import { createSettingsApi } from "../settings/settings-api.ts";

/** Who else gets what the fleet measures, under which keys the hub speaks, and who has an account. */
export function SettingsPage() {
  useTitle("Settings");
  const api = useMemo(createSettingsApi, []);
  return (
    <>
      <div class="page-head">
        <div class="titles">
          <h1>Settings</h1>
          <p class="sub">Where measurements go, the keys of this hub, and its people.</p>
        </div>
      </div>
      <section aria-label="Prometheus">
        <div class="section-head">
          <h2>Prometheus</h2>
          <span class="muted">Explained in docs/prometheus.md</span>
        </div>
        <ScrapeTokenPanel api={api.scrapeToken} job="wopr" />
        <RemoteWritePanel api={api.remoteWrite} />
      </section>
      <section class="section" aria-label="Keys">
        <div class="section-head">
          <h2>Keys</h2>
          <span class="muted">Explained in docs/security.md</span>
        </div>
        <KeysPanel
          title="Command key"
          use="Signs what beacons do. Who has it commands all of them."
          words="Commands are signed with the new one at once. Agents that are there are told before, others when they come. The present key counts for 30 more days and is then deleted; an agent that is away for longer still learns the new one from it. Where the key was stolen and 30 days are too long, enrol the agents anew."
          api={api.commandKeys}
        />
        <KeysPanel
          title="Token key"
          use="Signs the tokens with which people reach beacons. Who has it signs in to all of them."
          words="Visits are signed with the new one at once. The present key counts for one more day, and beacons forget it within an hour after that. Nobody is signed out."
          api={api.tokenKeys}
        />
      </section>
      <PeoplePanel api={api.people} />
    </>
  );
}
