import type { Some } from "./context.ts";

export const secret: Some<"secret.create" | "secrets.remove"> = {
  "secret.create": async ({ secrets }, { instance, secret, bytes }) => secrets.create({ instance, secret, bytes }),
  "secrets.remove": async ({ secrets }, { instance }) => secrets.remove(instance),
};
