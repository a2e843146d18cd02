import { isIPv6 } from "node:net";
import { z } from "zod";
import { Problem } from "#shared/problem.ts";

/** What a provider can tell of the server that was bought, before its agent enrols. */
export const bindingParts = ["instanceId", "addresses"] as const;
export type BindingPart = (typeof bindingParts)[number];

/** The server that a token is for. */
export const Binding = z.object({
  /** What the provider tells sooner or later; until then nobody enrols. */
  awaits: z.array(z.enum(bindingParts)),
  /** The provider's id of the server. */
  instanceId: z.string().exactOptional(),
  /** Addresses from which the server reaches this hub. */
  addresses: z.array(z.string()).exactOptional(),
});
export type Binding = z.output<typeof Binding>;

/** What an agent shows of the server that it is on. */
export interface Shown {
  readonly instanceId: string | undefined;
  /** Source of its connection. */
  readonly address: string;
}

/**
 * Holds the server of an agent against the one that was bought.
 * @throws {Problem} `unavailable` while the provider has not told all of it, `enrolment_elsewhere`
 */
export function assertBound({ awaits, instanceId, addresses }: Binding, shown: Shown): void {
  const untold = awaits.filter((part) => (part === "instanceId" ? instanceId : addresses) === undefined);
  if (untold.length > 0) {
    throw new Problem("unavailable", "the provider has not said yet which server was made for this token", {
      hint: "The agent asks again by itself.",
      details: { untold },
    });
  }
  if (instanceId !== undefined && shown.instanceId !== instanceId) {
    throw elsewhere(
      `it was made for the server ${instanceId}, and came from ${shown.instanceId ?? "one without an id"}`,
    );
  }
  if (addresses !== undefined && !addresses.map(plainAddress).includes(plainAddress(shown.address))) {
    throw elsewhere(`it was made for a server at ${addresses.join(", ")}, and came from ${shown.address}`);
  }
}

/**
 * An address in the one form in which it can be compared: an IPv4 address that a socket of both families shows as one of IPv6 (RFC 4291,
 * section 2.5.5.2) as one of IPv4, and one of IPv6, which providers write in several ways, as short as it gets (RFC 5952).
 */
function plainAddress(address: string): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  return isIPv6(plain) && URL.canParse(`http://[${plain}]`)
    ? new URL(`http://[${plain}]`).hostname.slice(1, -1)
    : plain;
}

const elsewhere = (why: string) =>
  new Problem("enrolment_elsewhere", `this enrolment token is for another server: ${why}`, {
    hint: "If it is yours all the same, have the operator make a token for any server (enrol again, not bound).",
  });
