/**
 * Takes the place of packages that dockerode loads for what an agent never does: builds with BuildKit (gRPC) and engines over SSH.
 * They would cost more memory than all of the agent's own code.
 */
export {};
