import { useBeacon } from "#ui/beacon/beacon-store.ts";
import { type ScrapeTokenApi, ScrapeTokenPanel } from "#ui/scrape-token-panel.tsx";

/** The owner's hold on who else may read what the beacon measures. */
export function ScrapePanel({ api }: { api: ScrapeTokenApi }) {
  const name = useBeacon().overview.value?.name ?? "beacon";
  return (
    <section class="section" aria-label="Prometheus">
      <div class="section-head">
        <h2>Prometheus</h2>
      </div>
      <ScrapeTokenPanel api={api} job={name} />
    </section>
  );
}
