import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { Me } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { Accounts } from "../auth/accounts.ts";
import type { RateLimit, RateRule } from "../auth/rate-limit.ts";
import { isOwnedBy } from "../fleet/fleet.ts";
import type { BeaconStore } from "../store/beacons.ts";
import { clientAddress } from "./client-address.ts";
import type { BeaconEnv, HubEnv, UserEnv } from "./env.ts";

/** Who may pass. Each stands in the definition of the route it guards. */
export interface Guards {
  /** Anybody with an account. */
  readonly user: MiddlewareHandler<UserEnv>;
  readonly operator: MiddlewareHandler<UserEnv>;
  /** The operator, or the owner of the beacon in the path. Of the beacons of others nobody learns that they exist. */
  readonly beacon: MiddlewareHandler<BeaconEnv>;
  readonly rate: (name: string, rule: RateRule) => MiddlewareHandler<HubEnv>;
}

export interface GuardParts {
  readonly accounts: Pick<Accounts, "signedIn">;
  readonly beacons: Pick<BeaconStore, "get">;
  readonly rateLimit: RateLimit;
  readonly trustedProxies: readonly string[];
}

/** What tells who asks. */
interface Asked {
  readonly env: HubEnv["Bindings"];
  readonly req: { readonly raw: Request };
}

/** Whoever can open the hub's own socket can read its keys, too. */
const root: Me = { id: "root", email: "root", name: "root", role: "operator" };

export function createGuards({ accounts, beacons, rateLimit, trustedProxies }: GuardParts): Guards {
  const signedIn = async (c: Asked): Promise<Me> => {
    if (c.env.isRoot) return root;
    const user = await accounts.signedIn(c.req.raw.headers);
    if (user !== undefined) return user;
    throw new Problem("not_signed_in", "you are not signed in", { hint: "Sign in and try again." });
  };

  return {
    user: createMiddleware<UserEnv>(async (c, next) => {
      c.set("user", await signedIn(c));
      await next();
    }),

    operator: createMiddleware<UserEnv>(async (c, next) => {
      const user = await signedIn(c);
      if (user.role !== "operator") throw new Problem("forbidden", "only the operator may do this");
      c.set("user", user);
      await next();
    }),

    beacon: createMiddleware<BeaconEnv>(async (c, next) => {
      const user = await signedIn(c);
      const id = c.req.param("beacon") ?? "";
      const beacon = await beacons.get(id);
      if (beacon === undefined || (user.role !== "operator" && !isOwnedBy(beacon, user))) {
        throw new Problem("not_found", `there is no beacon ${id}`);
      }
      c.set("user", user);
      c.set("beacon", beacon);
      await next();
    }),

    rate: (name, rule) =>
      createMiddleware<HubEnv>(async (c, next) => {
        const waitMs = rateLimit.take(`${name} ${clientAddress(c, trustedProxies)}`, rule);
        if (waitMs > 0) {
          const seconds = Math.ceil(waitMs / 1000);
          c.header("retry-after", String(seconds));
          throw new Problem("too_many_requests", "too many requests of this kind", {
            hint: `Try again in ${seconds} seconds.`,
          });
        }
        await next();
      }),
  };
}
