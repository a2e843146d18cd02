/**
 * One image of ours that keeps the contract of an upstream image (name, ports, environment, data path, behaviour of the
 * entrypoint), for machines that reach no image registry. Its folder here has the recipe.
 */
export interface StandIn {
  /** Name of the folder. */
  readonly name: string;
  /** The image that it stands in for, as the module's `compose.yaml` names it. */
  readonly reference: string;
  /** The common image below it: Debian, or Debian with Node. */
  readonly from: "base" | "node";
}

/** Versions: the newest that upstream lists, in the major version that the module promises. */
export const standIns: readonly StandIn[] = [
  // Tags: https://github.com/docker-library/official-images/blob/37079fb336f572a88700cf32e5e1f6be54a04e8f/library/caddy
  { name: "caddy", reference: "docker.io/library/caddy:2.11.4-alpine", from: "base" },
  // Tags: https://github.com/docker-library/official-images/blob/37079fb336f572a88700cf32e5e1f6be54a04e8f/library/postgres
  { name: "postgres", reference: "docker.io/library/postgres:16.15-alpine", from: "base" },
  // Tags: https://github.com/docker-library/official-images/blob/37079fb336f572a88700cf32e5e1f6be54a04e8f/library/redis
  { name: "redis", reference: "docker.io/library/redis:7.2.16-alpine", from: "base" },
  // Tags: https://github.com/umami-software/umami/blob/v3.1.0/.github/workflows/cd.yml (a version without its "v")
  { name: "umami", reference: "ghcr.io/umami-software/umami:3.1.0", from: "node" },
  // Tags: https://github.com/dani-garcia/vaultwarden/releases/tag/1.37.2
  { name: "vaultwarden", reference: "docker.io/vaultwarden/server:1.37.2", from: "node" },
  // Tags: https://github.com/getumbrel/umbrel-apps/blob/master/element/docker-compose.yml
  { name: "element", reference: "docker.io/vectorim/element-web:v1.12.32", from: "node" },
  // Not an upstream's: the container of bad days, under a host name that can never exist (RFC 2606).
  { name: "misbehaving", reference: "registry.invalid/wopr/misbehaving:1", from: "node" },
];
