import type { InstanceStatus } from "#shared/inventory.ts";
import { Dialog } from "../components/dialog.tsx";
import { formatPercent, formatRate, formatSize } from "../format.ts";
import { useUsage } from "./usage-line.tsx";
import "./usage-dialog.css";

const unknown = "–";
const rate = (bytes: number | undefined) => (bytes === undefined ? unknown : formatRate(bytes));

/** What each service of an app uses, second by second. */
export function UsageDialog({ instance, onClose }: { instance: InstanceStatus; onClose: () => void }) {
  const usages = useUsage(instance.name);
  return (
    <Dialog title={`What ${instance.title} uses`} size="large" onClose={onClose}>
      <div class="usage">
        <table>
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col">CPU</th>
              <th scope="col">Memory</th>
              <th scope="col">Limit</th>
              <th scope="col">Received</th>
              <th scope="col">Sent</th>
              <th scope="col">Read</th>
              <th scope="col">Written</th>
            </tr>
          </thead>
          <tbody>
            {usages.map((usage) => (
              <tr key={usage.service}>
                <th scope="row">{usage.service}</th>
                <td>{usage.cpuPercent === undefined ? unknown : formatPercent(usage.cpuPercent)}</td>
                <td>{usage.memoryBytes === undefined ? unknown : formatSize(usage.memoryBytes)}</td>
                <td>{usage.memoryLimitBytes === undefined ? "none" : formatSize(usage.memoryLimitBytes)}</td>
                <td>{rate(usage.receivedPerSecond)}</td>
                <td>{rate(usage.sentPerSecond)}</td>
                <td>{rate(usage.readPerSecond)}</td>
                <td>{rate(usage.writtenPerSecond)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="faint">CPU is of all cores of the server together. Read and written are its disks.</p>
    </Dialog>
  );
}
