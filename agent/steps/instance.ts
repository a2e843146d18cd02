import type { Some } from "./context.ts";

export const instance: Some<"instance.put" | "instance.remove"> = {
  "instance.put": async ({ records }, { record }) => records.put(record),
  "instance.remove": async ({ records }, { instance }) => records.remove(instance),
};
