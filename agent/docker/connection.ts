import type { EngineApi } from "./engine-api.ts";
import { dockerProblem, engineStatus } from "./failures.ts";
import type { DockerNames } from "./names.ts";

/** What the parts of `docker.ts` share. */
export interface DockerConnection {
  readonly engine: EngineApi;
  readonly names: DockerNames;
  /** Runs of containers whose health check passed before the engine made it for the first time. */
  readonly proven: Set<string>;
  /**
   * Calls the engine.
   * @param what Names the call in a `Problem`: a phrase that follows "could not".
   * @param tolerated HTTP statuses that are no failure; the result is undefined then.
   * @throws {Problem} `docker_unavailable`, or what the engine refused
   */
  readonly call: <Result>(
    what: string,
    work: () => Promise<Result>,
    tolerated?: readonly number[],
  ) => Promise<Result | undefined>;
}

export const connectDocker = (engine: EngineApi, names: DockerNames): DockerConnection => ({
  engine,
  names,
  proven: new Set(),
  call: async (what, work, tolerated = []) => {
    try {
      return await work();
    } catch (error) {
      const status = engineStatus(error);
      if (status !== undefined && tolerated.includes(status)) return undefined;
      throw dockerProblem(what, error);
    }
  },
});
