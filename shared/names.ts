import { z } from "zod";

/** One DNS label (RFC 1123 section 2.1, RFC 1035 section 2.3.1), lower case. */
export const DnsLabel = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "expected a DNS label: a-z, 0-9 and inner hyphens, at most 63 characters");

/** Name of an instance on its beacon: a DNS label short enough to leave room in container and host names. */
export const InstanceName = DnsLabel.max(40);

/** Id of a module: the name of its folder under `compose-modules/`. */
export const ModuleId = DnsLabel.max(40);

/** Fully qualified host name without the final dot. */
export const HostName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    "expected a host name in lower case",
  );

/** Ids made by WOPR: a prefix that says what it names, and a UUID. Time-ordered where `randomUUIDv7` made it. */
export const Id = z.string().regex(/^[a-z]+_[0-9a-z-]{8,64}$/, "expected an id like cmd_…");

/** Milliseconds since the Unix epoch. */
export const Timestamp = z.number().int().nonnegative();
