import { Problem } from "#shared/problem.ts";
import { EngineRefusal } from "./engine-http.ts";

/** HTTP status with which the engine answered; undefined when it did not answer. */
export const engineStatus = (thrown: unknown): number | undefined =>
  thrown instanceof EngineRefusal ? thrown.status : undefined;

/** The engine's own words. */
export const engineMessage = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).trim();

/**
 * The one place that reads the engine's prose, because for these the Engine API has neither status nor code:
 * ENOSPC and EADDRINUSE as the kernel words them (https://man7.org/linux/man-pages/man3/errno.3.html),
 * `ErrNoMoreSubnets` of libnetwork and its wording before (https://github.com/moby/moby/issues/32484,
 * https://github.com/docker/for-linux/issues/599), `ErrPortAlreadyAllocated` of https://github.com/moby/moby/blob/v20.10.24/vendor/github.com/docker/libnetwork/portallocator/portallocator.go
 * and the error codes of registries (https://distribution.github.io/distribution/spec/api/#errors-2), for which the
 * engine answers 404 only if the registry gave a `detail` with them, and 500 if not.
 */
const spoken = [
  { code: "disk_full", says: "no space left on device", hint: "Free disk space, then try again." },
  { code: "port_taken", says: "port is already allocated", hint: "Free the port or choose another one." },
  { code: "port_taken", says: "address already in use", hint: "Free the port or choose another one." },
  { code: "no_subnet", says: "non-overlapping IPv4 address pool", hint: "Remove networks that nothing uses." },
  { code: "no_subnet", says: "address pools have been fully subnetted", hint: "Remove networks that nothing uses." },
  { code: "image_missing", says: "manifest unknown", hint: "Check the name and the tag of the image." },
  { code: "image_missing", says: "repository name not known to registry", hint: "Check the name of the image." },
  { code: "image_missing", says: "requested access to the resource is denied", hint: "Check the name of the image." },
] as const;

const dockerAwayHint = "Check that the Docker service runs: systemctl status docker.";

/**
 * Turns what a call to the engine threw into a `Problem`.
 * @param what The call as a phrase that follows "could not", for example `start umami/umami`.
 */
export function dockerProblem(what: string, thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof EngineRefusal) {
    return refusal(what, { status: thrown.status, message: engineMessage(thrown), cause: thrown });
  }
  if (!(thrown instanceof Error && "code" in thrown && typeof thrown.code === "string")) return Problem.wrap(thrown);
  return new Problem("docker_unavailable", `could not ${what}: Docker does not answer (${thrown.code})`, {
    hint: dockerAwayHint,
    cause: thrown,
  });
}

interface Refusal {
  readonly status?: number;
  readonly message: string;
  readonly cause?: unknown;
}

/** A `Problem` from the engine's answer, or from an error inside a stream, where there is no status. */
export function refusal(what: string, { status, message, cause }: Refusal): Problem {
  const known = spoken.find(({ says }) => message.includes(says));
  const code = known?.code ?? (status === 404 ? "not_found" : status === 409 ? "conflict" : "docker_refused");
  return new Problem(code, `could not ${what}: ${message}`, { hint: known?.hint, cause });
}
