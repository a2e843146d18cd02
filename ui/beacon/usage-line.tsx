import { totalUsage, usageIn } from "#shared/metrics/usage.ts";
import { formatPercent, formatSize } from "../format.ts";
import { useBeacon } from "./beacon-store.ts";
import "./usage-line.css";

/** What the containers of an instance use in this second, as far as the newest sample says. */
export function useUsage(instance: string) {
  const { live } = useBeacon();
  return usageIn(live.value.at(-1)?.values ?? {}).filter((usage) => usage.instance === instance);
}

interface UsageLineProps {
  readonly instance: string;
  readonly title: string;
  readonly onOpen: () => void;
}

/** CPU and memory in few words; pressed, it shows the rest. */
export function UsageLine({ instance, title, onOpen }: UsageLineProps) {
  const { cpuPercent, memoryBytes } = totalUsage(useUsage(instance));
  if (memoryBytes === undefined) return null;
  return (
    <button type="button" class="usage-line" aria-label={`What ${title} uses`} onClick={onOpen}>
      {cpuPercent === undefined ? "" : `${formatPercent(cpuPercent)} · `}
      {formatSize(memoryBytes)}
    </button>
  );
}
