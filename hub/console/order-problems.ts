import { Order } from "#shared/api/hub.ts";

/** What is wrong with the name of a new beacon; `undefined` when it is fine. */
export function beaconNameProblem(name: string, taken: readonly string[]): string | undefined {
  if (name === "") return "A name is needed.";
  if (taken.includes(name)) return `There is a beacon named ${name} already.`;
  if (!/^[a-z0-9-]*$/.test(name)) return "Only a–z, 0–9 and hyphens.";
  if (name.startsWith("-") || name.endsWith("-")) return "No hyphen at either end.";
  if (name.length < 3) return "At least 3 characters.";
  if (name.length > 40) return "At most 40 characters.";
  return Order.shape.beacon.safeParse(name).success ? undefined : "This is not a name for a domain.";
}

/** What is wrong with an e-mail address; `undefined` when it is fine. */
export function emailProblem(email: string): string | undefined {
  if (email === "") return "An e-mail address is needed.";
  return Order.shape.email.safeParse(email).success ? undefined : "This is not an e-mail address.";
}
