import type { BeaconOverview, HubLink } from "#shared/api/beacon.ts";
import type { Enrolment } from "#shared/api/hub.ts";
import type { Inventory } from "#shared/inventory.ts";

/** The beacon of itself. */
export const overviewOf = (
  { beacon, name, domain }: Enrolment,
  inventory: Inventory,
  hubLink: HubLink,
): BeaconOverview => ({
  id: beacon,
  name,
  domain,
  online: true,
  hubLink,
  agentVersion: inventory.agentVersion,
  inventory,
});
