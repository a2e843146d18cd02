import { z } from "zod";
import { CommandRequest, LogLine, LogOptions, Plan } from "./api/beacon.ts";
import { ExecItem, ExecWord } from "./api/exec.ts";
import { JournalPage, JournalRequest } from "./ledger/journal-page.ts";
import { InstanceName } from "./names.ts";
import { SignedStatement } from "./protocol/statement.ts";

/** What the hub can ask an agent: nothing here changes anything. */
export const Queries = {
  plan: { input: CommandRequest, output: Plan },
  /** From protocol 3 on: what is in the beacon's journal. */
  journal: { input: JournalRequest, output: JournalPage },
} as const;
export type QueryName = keyof typeof Queries;
export type QueryInput<Name extends QueryName> = z.output<(typeof Queries)[Name]["input"]>;
export type QueryOutput<Name extends QueryName> = z.output<(typeof Queries)[Name]["output"]>;

/**
 * What the hub can have an agent send until one of them closes it. `word` is what the hub can say to one that is open,
 * from its first item on.
 */
export const Streams = {
  logs: { input: z.object({ instance: InstanceName, ...LogOptions.shape }), item: LogLine, word: z.never() },
  /** A program in a container. `statement` is a signed `ExecStatement`: a stream that does something asks for proof. */
  exec: { input: z.object({ statement: SignedStatement }), item: ExecItem, word: ExecWord },
} as const;
export type StreamName = keyof typeof Streams;
export type StreamInput<Name extends StreamName> = z.output<(typeof Streams)[Name]["input"]>;
export type StreamItem<Name extends StreamName> = z.output<(typeof Streams)[Name]["item"]>;
export type StreamWord<Name extends StreamName> = z.output<(typeof Streams)[Name]["word"]>;
