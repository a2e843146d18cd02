import { z } from "zod";
import { ComposeService } from "./service.ts";

const Pairs = z.record(z.string(), z.string());

const Network = z.strictObject({
  /** As the engine knows it. */
  name: z.string(),
  driver: z.string().optional(),
  driver_opts: Pairs.optional(),
  ipam: z.strictObject({
    driver: z.string().optional(),
    config: z
      .array(
        z.strictObject({
          subnet: z.string().optional(),
          ip_range: z.string().optional(),
          gateway: z.string().optional(),
          aux_addresses: Pairs.optional(),
        }),
      )
      .optional(),
    options: Pairs.optional(),
  }),
  /** Made by somebody else, so only joined. */
  external: z.literal(true).optional(),
  internal: z.literal(true).optional(),
  attachable: z.literal(true).optional(),
  enable_ipv4: z.boolean().optional(),
  enable_ipv6: z.boolean().optional(),
  labels: Pairs.optional(),
});

const Volume = z.strictObject({
  name: z.string(),
  driver: z.string().optional(),
  driver_opts: Pairs.optional(),
  external: z.literal(true).optional(),
  labels: Pairs.optional(),
});

const FileObject = z.strictObject({
  name: z.string(),
  content: z.string().optional(),
  environment: z.string().optional(),
  /** Absolute path. */
  file: z.string().optional(),
  external: z.literal(true).optional(),
  labels: Pairs.optional(),
});

/**
 * The normal form of a Compose project: what `docker compose config --format json` prints
 * (https://github.com/compose-spec/compose-spec/blob/main/spec.md, in the words of
 * https://github.com/compose-spec/compose-go/blob/main/types/types.go). Every short syntax is made long, every variable
 * filled in; what is not said is not there, so that whoever runs the project knows a default when it sees one.
 */
export const ComposeProject = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), ComposeService),
  networks: z.record(z.string(), Network).optional(),
  volumes: z.record(z.string(), Volume).optional(),
  configs: z.record(z.string(), FileObject).optional(),
  secrets: z.record(z.string(), FileObject).optional(),
});
export type ComposeProject = z.output<typeof ComposeProject>;
