import { Empty, Skeleton } from "../components/states.tsx";
import { AlertList } from "./alert-list.tsx";
import { useBeacon } from "./beacon-store.ts";

/** What is wrong now, where anything is. */
export function AlertsNow() {
  const firing = useBeacon().alerts.value?.firing ?? [];
  if (firing.length === 0) return null;
  return (
    <section aria-label="What is wrong now">
      <AlertList events={firing} />
    </section>
  );
}

/** What is wrong now and what was. */
export function AlertsPanel() {
  const alerts = useBeacon().alerts.value;
  if (alerts === undefined) return <Skeleton lines={4} />;
  const { firing, history } = alerts;
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
        {firing.length === 0 ? <p class="muted">Nothing is wrong.</p> : <AlertList events={firing} />}
      </section>
      <section aria-label="History">
        <div class="section-head">
          <h2>History</h2>
        </div>
        <AlertList events={history} />
      </section>
    </>
  );
}
