import type { z } from "zod";
import { Problem } from "../problem.ts";
import type { ForwardAuth } from "../route.ts";
import type { Manifest, ModuleDefinition } from "./manifest.ts";

/** Network alias under which Caddy finds a service: it outlives every container behind it. */
export const routeAlias = (instance: string, service: string) => `${service}.${instance}`;

/** Who is asked before requests to an instance go on. */
export interface SignOn {
  /** The instance that provides it. There is one on a beacon, named like its module. */
  readonly provider: string;
  readonly forwardAuth: z.output<typeof ForwardAuth>;
  /** Path of every guarded host that the provider serves itself. */
  readonly ownPath?: string;
}

/**
 * The sign-on of a module that has Caddy ask before each request; undefined for others.
 * @throws {Problem} `dependency_missing` when no module of the beacon provides it: without, the app would be open to all.
 */
export function signOnOf(
  { signOn, title }: Manifest,
  modules: Readonly<Record<string, ModuleDefinition>>,
): SignOn | undefined {
  if (signOn !== "forward-auth") return undefined;
  const providers = Object.values(modules).flatMap(({ manifest: { id, provides } }) =>
    provides === undefined ? [] : [{ id, ...provides.forwardAuth }],
  );
  const [provider] = providers.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (provider === undefined) {
    throw new Problem(
      "dependency_missing",
      `${title} lets people in by sign-on, and no module of this beacon provides it`,
      {
        hint: "Without sign-on everybody could use it. Update the modules of the beacon, or choose another app.",
      },
    );
  }
  const { id, service, ownPath, ...asked } = provider;
  return {
    provider: id,
    forwardAuth: { alias: routeAlias(id, service), ...asked },
    ...(ownPath === undefined ? {} : { ownPath }),
  };
}
