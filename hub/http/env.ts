import type { HttpBindings } from "@hono/node-server";
import type { Me } from "#shared/api/hub.ts";
import type { Beacon } from "../store/beacons.ts";

/** What every request carries. */
export interface HubEnv {
  /** `isRoot`: it came over the socket that only root on this machine, or the hub's own user, can open. */
  Bindings: HttpBindings & { readonly isRoot?: true };
  Variables: { requestId: string };
}

/** Behind the guard that asks for an account. */
export interface UserEnv extends HubEnv {
  Variables: HubEnv["Variables"] & { user: Me };
}

/** Behind the guard of one beacon. */
export interface BeaconEnv extends HubEnv {
  Variables: UserEnv["Variables"] & { beacon: Beacon };
}
