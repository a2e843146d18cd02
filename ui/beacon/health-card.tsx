import type { BeaconOverview } from "#shared/api/beacon.ts";
import { Skeleton } from "../components/states.tsx";
import { useNow } from "../use-now.ts";
import { useBeacon } from "./beacon-store.ts";
import { healthOf } from "./health.ts";
import "./health-card.css";

/** Whether everything is well, in one sentence. */
export function HealthCard({ overview }: { overview: BeaconOverview | undefined }) {
  const now = useNow(60_000);
  const firing = useBeacon().alerts.value?.firing;
  if (overview === undefined) return <Skeleton lines={2} />;
  const { tone, sentence, detail } = healthOf(overview, now, firing);
  return (
    <section class="health" aria-label="Health" data-tone={tone} role="status">
      <span class="dot" data-tone={tone} />
      <div>
        <p class="health-sentence">{sentence}</p>
        <p class="muted">{detail}</p>
      </div>
    </section>
  );
}
