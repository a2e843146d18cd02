import type { ContainerSpec } from "#shared/container-spec.ts";

/** The stand-in image whose command decides how it behaves, see test/images/misbehaving. */
export const MISBEHAVING = "registry.invalid/wopr/misbehaving:1";

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
