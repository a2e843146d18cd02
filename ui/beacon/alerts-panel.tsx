import { silences } from "#shared/api/alerts.ts";
import { Empty, Skeleton } from "../components/states.tsx";
import { AlertList, type ListedAlert } from "./alert-list.tsx";
import { useBeacon } from "./beacon-store.ts";

/** What is wrong now, with what is silenced of it. */
function useFiring(): ListedAlert[] {
  const { alerts, silence: onSilence } = useBeacon();
  const { firing, silences: all } = alerts.value ?? { firing: [], silences: [] };
  return firing.map((event) => ({
    event,
    silence: all.find((silence) => silences(silence, event, Date.now())),
    onSilence,
  }));
}

/** What is wrong now, where anything is. */
export function AlertsNow() {
  const firing = useFiring();
  if (firing.length === 0) return null;
  return (
    <section aria-label="What is wrong now">
      <AlertList alerts={firing} />
    </section>
  );
}

/** What is wrong now and what was. */
export function AlertsPanel() {
  const alerts = useBeacon().alerts.value;
  const firing = useFiring();
  if (alerts === undefined) return <Skeleton lines={4} />;
  const { history } = alerts;
  if (history.length === 0 && firing.length === 0) {
    return (
      <Empty title="Nothing was ever wrong">What needs attention is listed here, with when it began and ended.</Empty>
    );
  }
  return (
    <>
      <section aria-label="What is wrong now">
        <div class="section-head">
          <h2>Now</h2>
        </div>
        {firing.length === 0 ? <p class="muted">Nothing is wrong.</p> : <AlertList alerts={firing} />}
      </section>
      <section aria-label="History">
        <div class="section-head">
          <h2>History</h2>
        </div>
        <AlertList alerts={history.map((event) => ({ event }))} />
      </section>
    </>
  );
}
