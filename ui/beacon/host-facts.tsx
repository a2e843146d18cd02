import type { Inventory } from "#shared/inventory.ts";
import { formatSize } from "../format.ts";

/** What the beacon is made of. */
export function HostFacts({ inventory }: { inventory: Inventory }) {
  const { host, agentVersion } = inventory;
  const facts = [
    ["Host", host.hostname],
    ["System", host.system],
    ["Kernel", `${host.kernel} ${host.architecture}`],
    ["Processor", `${host.cores} × ${host.cpuModel}`],
    ["Memory", formatSize(host.memoryBytes)],
    ["Disk", formatSize(host.diskBytes)],
    ["Docker", host.dockerVersion ?? "away"],
    ["Agent", agentVersion],
  ] as const;
  return (
    <section class="section" aria-label="Machine">
      <div class="section-head">
        <h2>Machine</h2>
      </div>
      <dl class="facts card card-body">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
