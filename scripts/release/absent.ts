/**
 * Takes the place of packages that dockerode loads for what a hub never does: builds with BuildKit (gRPC) and engines over SSH.
 * They would cost more memory than all of the hub's own code.
 */
export {};
