import type { Some } from "./context.ts";

export const secret: Some<"secret.create" | "secret.remove" | "secrets.remove"> = {
  "secret.create": async ({ secrets }, { instance, secret, bytes }) => secrets.create({ instance, secret, bytes }),
  "secret.remove": async ({ secrets }, { instance, secret }) => secrets.remove(instance, secret),
  "secrets.remove": async ({ secrets }, { instance }) => secrets.remove(instance),
};
