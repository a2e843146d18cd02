import type Dockerode from "dockerode";
import { dockerProblem, engineStatus } from "./failures.ts";
import type { DockerNames } from "./names.ts";

/** What the parts of `docker.ts` share. */
export interface DockerConnection {
  readonly engine: Dockerode;
  readonly names: DockerNames;
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

export const connectDocker = (engine: Dockerode, names: DockerNames): DockerConnection => ({
  engine,
  names,
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
