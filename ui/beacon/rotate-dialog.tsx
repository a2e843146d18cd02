import type { InstanceStatus } from "#shared/inventory.ts";
import { PlanDialog } from "./plan-dialog.tsx";

/** Makes the passwords anew that an app has from its beacon. */
export const RotateDialog = ({ instance, onClose }: { instance: InstanceStatus; onClose: () => void }) => (
  <PlanDialog
    title={`New passwords for ${instance.title}`}
    request={{ name: "module.rotate-secrets", input: { instance: instance.name } }}
    confirm="Make new passwords"
    onClose={onClose}
  >
    The passwords that the beacon made for this app, and its logins in the shared services, are made anew. The app
    starts again with them, and people who are signed in to it may have to sign in once more.
  </PlanDialog>
);
