import { z } from "zod";
import { CommandRequest, LogLine, LogOptions, Plan } from "./api/beacon.ts";
import { InstanceName } from "./names.ts";

/** What the hub can ask an agent: nothing here changes anything. */
export const Queries = {
  plan: { input: CommandRequest, output: Plan },
} as const;
export type QueryName = keyof typeof Queries;
export type QueryInput<Name extends QueryName> = z.output<(typeof Queries)[Name]["input"]>;
export type QueryOutput<Name extends QueryName> = z.output<(typeof Queries)[Name]["output"]>;

/** What the hub can have an agent send until one of them closes it. */
export const Streams = {
  logs: { input: z.object({ instance: InstanceName, ...LogOptions.shape }), item: LogLine },
} as const;
export type StreamName = keyof typeof Streams;
export type StreamInput<Name extends StreamName> = z.output<(typeof Streams)[Name]["input"]>;
export type StreamItem<Name extends StreamName> = z.output<(typeof Streams)[Name]["item"]>;
