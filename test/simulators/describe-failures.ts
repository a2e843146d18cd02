import { z } from "zod";
import type { Description } from "./contract.ts";

const Responses = z.record(z.string(), z.unknown());

/** Adds to each operation what a request is answered that the vendor refuses, where only successes are described. */
export function describeFailures({ paths }: Description, response: object): void {
  for (const path of Object.values(paths))
    for (const operation of Object.values(path)) {
      if (typeof operation !== "object" || operation === null || !("responses" in operation)) continue;
      Object.assign(operation, { responses: { "4XX": response, ...Responses.parse(operation.responses) } });
    }
}
