import { z } from "zod";
import { Id } from "#shared/names.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import type { CommandResult } from "#shared/protocol/frames.ts";
import { verify } from "#shared/protocol/signing.ts";
import { CommandStatement, type SignedStatement } from "#shared/protocol/statement.ts";
import type { CommandQueue } from "./command-queue.ts";
import { createInOrder } from "./in-order.ts";
import type { Link, WorkFrame } from "./link.ts";
import type { Log } from "./log.ts";
import { answerQuery, type QueryHandlers } from "./queries/index.ts";
import type { OpenStreams } from "./streams/open-streams.ts";

export interface InboxOptions {
  readonly beacon: string;
  /** Raw public keys that may sign commands, by key id. */
  readonly commandKeys: () => Readonly<Record<string, string>>;
  readonly queue: Pick<CommandQueue, "accept" | "refuse" | "get" | "cancel" | "result">;
  readonly queries: QueryHandlers;
  readonly streams: OpenStreams;
  /** The hub has stored what was in these frames. */
  readonly acknowledged: (frames: readonly string[]) => void;
  /** The hub wants to know how this command goes on. */
  readonly follow: (command: string) => void;
  readonly sendResult: (result: CommandResult, link: Link) => void;
  readonly watch: (seconds: number, link: Link) => void;
  /** What to watch for, and over what to tell people. */
  readonly alerting: (statement: SignedStatement) => void;
  /** Whose sessions are over. */
  readonly people: (statement: SignedStatement) => void;
  /** The owner wants this beacon detached from the hub. */
  readonly leave: (statement: SignedStatement) => void;
  readonly now: () => number;
  readonly log: Log;
}

type Handlers = {
  readonly [Type in WorkFrame["type"]]: (frame: Extract<WorkFrame, { type: Type }>, link: Link) => void | Promise<void>;
};

/**
 * What is done with each frame of a welcomed hub. Every command is answered: by `accepted` and later its result, or at
 * once by a result that says why not.
 */
export function createInbox(options: InboxOptions): (frame: WorkFrame, link: Link) => void {
  const { queue, log } = options;
  const inOrder = createInOrder(log);

  const handlers: Handlers = {
    command: ({ statement }, link) => inOrder(() => receiveCommand(options, statement, link), link),
    cancel: ({ command, actor = "hub" }, link) =>
      inOrder(() => {
        if (queue.get(command) !== undefined) queue.cancel(command, actor);
        else log.warn({ command }, "the hub cancelled a command that never came");
      }, link),
    ack: ({ of }) => options.acknowledged(of),
    query: async ({ id, name, input }, link) => {
      try {
        const output = await answerQuery(options.queries, name, input);
        link.send({ type: "answer", query: id, output });
      } catch (thrown) {
        const problem = Problem.wrap(thrown);
        log.info({ query: name, problem, cause: problem.cause }, "a query was refused");
        link.send({ type: "answer", query: id, problem: problem.toJSON() });
      }
    },
    open: ({ id, name, input }, link) => options.streams.open(id, { name, input }, link),
    tell: ({ stream, words }) => options.streams.tell(stream, words),
    read: ({ stream, characters }) => options.streams.read(stream, characters),
    close: ({ stream }) => options.streams.close(stream),
    watch: ({ seconds }, link) => options.watch(seconds, link),
    alerting: ({ statement }) => options.alerting(statement),
    people: ({ statement }) => options.people(statement),
    leave: ({ statement }) => options.leave(statement),
    ping: ({ id }, link) => {
      link.send({ type: "pong", ping: id });
    },
  };
  const handle = <Type extends WorkFrame["type"]>(
    type: Type,
    frame: Extract<WorkFrame, { type: Type }>,
    link: Link,
  ): void | Promise<void> => handlers[type](frame, link);

  return (frame, link) => {
    void handle(frame.type, frame, link);
  };
}

function receiveCommand(options: InboxOptions, signed: SignedStatement, link: Link) {
  const { queue, log, now } = options;
  const receivedAt = now();
  try {
    const statement = readStatement(options, signed);
    const known = queue.get(statement.id);
    if (known === undefined && statement.expiresAt < link.hubTime()) {
      return queue.refuse(statement, tooLate(statement, link.hubTime()));
    }
    const view = known ?? queue.accept(statement);
    const result = queue.result(view.id);
    if (result !== undefined) {
      options.sendResult(result, link);
    } else {
      link.send({ type: "accepted", command: view.id, at: view.createdAt });
      options.follow(view.id);
    }
  } catch (thrown) {
    const problem = Problem.wrap(thrown);
    if (problem.code === "disk_full") throw problem;
    const command = idOf(signed);
    log.warn({ command, problem, cause: problem.cause }, "a command was not accepted");
    // What the journal knows has its own result, whatever came under the same id now.
    if (queue.get(command) !== undefined) return;
    const finishedAt = now();
    const refusal: CommandResult = {
      command,
      outcome: "failed",
      problem: problem.toJSON(),
      startedAt: receivedAt,
      finishedAt,
      steps: 0,
    };
    link.send({ type: "result", result: refusal });
  }
}

const tooLate = ({ name, expiresAt }: CommandStatement, hubTime: number) =>
  new Problem("command_expired", `the command ${name} came after its time`, {
    details: { expiresAt, hubTime },
    hint: "Give it again.",
  });

/** @throws {Problem} `signature_invalid`, `invalid_frame`, `wrong_beacon` */
function readStatement({ beacon, commandKeys }: InboxOptions, signed: SignedStatement): CommandStatement {
  const payload = verify("command", signed, commandKeys());
  const statement = parseOr(CommandStatement, parseJson(payload), "a command's statement", "invalid_frame");
  if (statement.beacon === beacon) return statement;
  throw new Problem("wrong_beacon", `the command ${statement.name} is meant for another beacon`, {
    details: { beacon: statement.beacon },
  });
}

/**
 * The id that a statement claims, to answer it by: nothing is done under it.
 * @throws {Problem} `invalid_frame` when there is none.
 */
const idOf = (signed: SignedStatement): string =>
  parseOr(z.object({ id: Id }), parseJson(signed.payload), "a command's statement", "invalid_frame").id;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
