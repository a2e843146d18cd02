import { type Attaching, dockerAttach } from "./docker/attach.ts";
import { type WaitCompleted, waitCompletedIn } from "./docker/completion.ts";
import { connectDocker } from "./docker/connection.ts";
import { type Containers, dockerContainers } from "./docker/containers.ts";
import { type DiskUse, dockerDiskUse } from "./docker/disk-use.ts";
import { engineApi } from "./docker/engine-api.ts";
import { type EngineFacts, engineFacts } from "./docker/engine-facts.ts";
import { engineHttp } from "./docker/engine-http.ts";
import { dockerEngineNames, type ListEngineNames } from "./docker/engine-names.ts";
import type { EngineTimes } from "./docker/engine-silence.ts";
import { dockerExec, type Exec } from "./docker/exec.ts";
import { type WaitHealthy, waitHealthyIn } from "./docker/health.ts";
import { dockerImages, type Images } from "./docker/images.ts";
import { dockerLogs, type ReadLogs } from "./docker/logs.ts";
import { dockerNames } from "./docker/names.ts";
import { dockerNetworks, type Networks } from "./docker/networks.ts";
import { dockerProcesses, type RunningContainer } from "./docker/processes.ts";
import { dockerVolumes, type Volumes } from "./docker/volumes.ts";

export type { RunningContainer } from "./docker/processes.ts";

export interface DockerOptions {
  readonly socketPath: string;
  /** Value of the label that marks what is this beacon's. */
  readonly scope: string;
  /** `host:port` of a registry that is asked first for every image. */
  readonly registryMirror?: string | undefined;
  /** How long a pull may go without any news. */
  readonly pullSilenceMs?: number;
  /** How long a container that starts may go without any news, besides what its health check may take. */
  readonly startSilenceMs?: number;
  /** How long the engine may be silent. */
  readonly engineTimes?: EngineTimes;
}

/**
 * The Docker Engine as one beacon sees it: logical names go in, and nothing without the beacon's label is ever seen or
 * touched. Every method throws `docker_unavailable` when the engine does not answer.
 */
export interface Docker {
  readonly containers: Containers;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly images: Images;
  readonly exec: Exec;
  readonly attach: Attaching["attach"];
  readonly endProgram: Attaching["endProgram"];
  readonly logs: ReadLogs;
  readonly waitHealthy: WaitHealthy;
  /** What the engine can do. */
  readonly facts: () => Promise<EngineFacts>;
  readonly waitCompleted: WaitCompleted;
  readonly engineNames: ListEngineNames;
  readonly running: () => Promise<RunningContainer[]>;
  readonly diskUse: () => Promise<DiskUse>;
  /** Version of the engine. */
  readonly version: () => Promise<string>;
}

export function createDocker(options: DockerOptions): Docker {
  const { socketPath, scope, registryMirror, pullSilenceMs = 120_000, startSilenceMs = 15_000 } = options;
  const engine = engineApi(engineHttp(socketPath, options.engineTimes));
  const docker = connectDocker(engine, dockerNames(scope));
  const logs = dockerLogs(docker);
  const networks = dockerNetworks(docker);
  return {
    containers: dockerContainers(docker, networks),
    networks,
    volumes: dockerVolumes(docker),
    images: dockerImages(docker, { registryMirror, pullSilenceMs }),
    exec: dockerExec(docker),
    ...dockerAttach(docker),
    logs,
    waitHealthy: waitHealthyIn(docker, logs, startSilenceMs),
    waitCompleted: waitCompletedIn(docker, logs),
    facts: engineFacts(docker),
    engineNames: dockerEngineNames(docker),
    running: dockerProcesses(docker),
    diskUse: dockerDiskUse(docker),
    version: async () => (await docker.call("ask for its version", () => engine.version()))?.Version ?? "unknown",
  };
}
