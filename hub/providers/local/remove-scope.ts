import Docker from "dockerode";
import { Problem } from "#shared/problem.ts";

/** Put by the agent on everything it makes in Docker. */
const SCOPE_LABEL = "wopr.scope";

/**
 * Removes what an agent left behind in Docker: containers, networks and volumes that carry its scope, and nothing else.
 * A real VPS takes those with it when it is deleted; a local one shares the machine's engine.
 * @throws {Problem} `docker_unavailable`
 */
export async function removeScope(socketPath: string, scope: string): Promise<void> {
  const docker = new Docker({ socketPath });
  const filters = { label: [`${SCOPE_LABEL}=${scope}`] };
  try {
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await unlessGone(docker.getContainer(Id).remove({ force: true, v: true }));
    }
    for (const { Id } of await docker.listNetworks({ filters })) await unlessGone(docker.getNetwork(Id).remove());
    const { Volumes } = await docker.listVolumes({ filters });
    for (const { Name } of Volumes ?? []) await unlessGone(docker.getVolume(Name).remove());
  } catch (cause) {
    throw new Problem("docker_unavailable", `what ${scope} left in Docker cannot be removed now`, {
      hint: "Start the Docker engine; the removal is tried again.",
      cause,
    });
  }
}

/** Docker answers 404 for what somebody else has removed since it was listed. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
    if (status !== 404) throw error;
  }
}
