import { z } from "zod";
import { BeaconSummary } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { type BeaconClient, beaconClient } from "./beacon-client.ts";
import type { Terminal } from "./command.ts";

const DEFAULT_SOCKET = "/var/lib/wopr-hub/root.sock";
const HINT = "Run this where the hub runs, and name root.sock in its data folder with --hub or in WOPR_HUB_SOCKET.";
const Beacons = z.object({ beacons: z.array(BeaconSummary) });

/** The API of the hub that this machine is, over the socket that only its user and root can open. */
export const hubClient = ({ environment }: Terminal, socket: string | undefined): BeaconClient =>
  beaconClient(socket ?? environment.WOPR_HUB_SOCKET ?? DEFAULT_SOCKET, { name: "hub", hint: HINT });

/** @param wanted Name, domain or id. @throws {Problem} `not_found` */
export async function beaconNamed(hub: BeaconClient, wanted: string): Promise<BeaconSummary> {
  const { beacons } = await hub.get("beacons", Beacons);
  const beacon = beacons.find(({ id, name, domain }) => [id, name, domain].includes(wanted));
  if (beacon !== undefined) return beacon;
  throw new Problem("not_found", `this hub has no beacon ${wanted}`, {
    hint: `It has: ${beacons.map(({ name }) => name).join(", ") || "none"}.`,
  });
}
