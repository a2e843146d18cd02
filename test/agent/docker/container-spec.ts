import type { ContainerSpec } from "#shared/container-spec.ts";

/** The stand-in image whose command decides how it behaves, see test/images/misbehaving. */
export const MISBEHAVING = "registry.invalid/wopr/misbehaving:1";

/** Takes away the health check that the image has. */
export const unchecked = { test: ["NONE"], intervalMs: 0, timeoutMs: 0, retries: 0, startPeriodMs: 0 };

/** A container that is well, but for what `differences` say. */
export const containerSpec = (differences: Partial<ContainerSpec> = {}): ContainerSpec => ({
  instance: "app",
  service: "web",
  image: MISBEHAVING,
  environment: {},
  mounts: [],
  files: [],
  networks: {},
  ports: [],
  restart: "no",
  capAdd: [],
  capDrop: [],
  readOnly: false,
  init: false,
  stopGraceMs: 5000,
  extraHosts: [],
  labels: {},
  ...differences,
});
