import type { Some } from "./context.ts";

export const routes: Some<"routes.put" | "routes.remove"> = {
  "routes.put": (context, { instance, routes }) => context.routes.put({ instance, routes }),
  "routes.remove": (context, { instance }) => context.routes.remove(instance),
};
