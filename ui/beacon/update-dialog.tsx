import type { InstanceStatus } from "#shared/inventory.ts";
import { PlanDialog } from "./plan-dialog.tsx";

/** Brings an app to the version that the beacon has to offer. */
export const UpdateDialog = ({ instance, onClose }: { instance: InstanceStatus; onClose: () => void }) => (
  <PlanDialog
    title={`Update ${instance.title}`}
    // The version that was shown, and no other.
    request={{ name: "module.update", input: { instance: instance.name, version: instance.availableVersion } }}
    confirm="Update"
    onClose={onClose}
  >
    Installed is <span class="mono">{instance.version}</span>, available is{" "}
    <span class="mono">{instance.availableVersion ?? instance.version}</span>. Settings and data stay.
  </PlanDialog>
);
