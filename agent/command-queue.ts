import type { CommandDetail, CommandView, Plan } from "#shared/api/beacon.ts";
import type { BoundCommand } from "#shared/command.ts";
import { bindCommand } from "#shared/command-registry.ts";
import { changesOf } from "#shared/plans/changes-of.ts";
import { Problem } from "#shared/problem.ts";
import type { CommandResult } from "#shared/protocol/frames.ts";
import type { Progress } from "#shared/protocol/progress.ts";
import { stepTitle } from "#shared/steps.ts";
import { Interruption } from "./interruption.ts";
import type { CommandOrder, Journal, JournalEntry, Outcome } from "./journal.ts";
import { resultOf, viewOf } from "./journal-views.ts";
import { createLanes } from "./lanes.ts";
import type { Log } from "./log.ts";
import type { Observe } from "./observe.ts";
import type { Reconcile } from "./reconcile.ts";
import { writeIfThereIsRoom, writeOnceThereIsRoom } from "./store/room.ts";
import { throttle } from "./throttle.ts";

export type { CommandOrder } from "./journal.ts";

/** Runs commands: each at most once, one at a time per lane, each to exactly one result. */
export interface CommandQueue {
  /**
   * Writes a command into the journal and has it run when its turn comes. A known id only gets its present view. A
   * command of the hub that this agent cannot read is written down as failed, so that it has its result too.
   * @throws {Problem} `command_replayed`; for commands without a sequence also `unknown_command`, `invalid_input`
   */
  accept(order: CommandOrder): CommandView;
  /** Writes down that a command of the hub came, and why it will not be done; that is its result. @throws {Problem} `command_replayed` */
  refuse(order: CommandOrder, problem: Problem): void;
  /** @param actor Who wants it. @throws {Problem} `not_found`. A command that has ended stays as it ended. */
  cancel(id: string, actor: string): CommandView;
  get(id: string): CommandView | undefined;
  /** With its life. */
  detail(id: string): CommandDetail | undefined;
  readonly journal: Journal["page"];
  /** Newest first. */
  list(limit: number): CommandView[];
  /** What a command would do now. Changes nothing. @throws {Problem} why it would be refused */
  plan(name: string, input: unknown): Promise<Plan>;
  /** Ids of commands that are accepted and have not ended. */
  open(): string[];
  /** Runs again what had not ended when the agent ended. Call it once, at the start. */
  resume(): void;
  /** Breaks off what runs, without ending it: it goes on with `resume` after the next start. */
  stop(): Promise<void>;
  /** Takes each change of a command's state or progress, until the returned function is called. */
  onChange(listener: (view: CommandView) => void): () => void;
  /** Results of the hub's commands that it has not confirmed, oldest first. */
  unacknowledged(): CommandResult[];
  /** Of a command of the hub that has ended. */
  result(id: string): CommandResult | undefined;
  acknowledge(ids: readonly string[]): void;
}

export interface CommandQueueOptions {
  readonly journal: Journal;
  readonly reconcile: Reconcile;
  readonly observe: Observe;
  readonly log: Log;
  /** How many commands may run at the same time. */
  readonly parallel?: number;
  /** Shortest time between two changes of progress of one command. */
  readonly progressMs?: number;
}

export function createCommandQueue(options: CommandQueueOptions): CommandQueue {
  const { journal, reconcile, observe, log, parallel = 2, progressMs = 250 } = options;
  const lanes = createLanes(parallel);
  const listeners = new Set<(view: CommandView) => void>();
  const cancels = new Map<string, AbortController>();
  const stopping = new AbortController();

  function entryOf(id: string): JournalEntry {
    const entry = journal.get(id);
    if (entry !== undefined) return entry;
    throw new Problem("not_found", `this beacon knows no command ${id}`);
  }

  function tell(id: string): CommandView {
    const view = viewOf(entryOf(id));
    for (const listener of listeners) {
      try {
        listener(view);
      } catch (error) {
        log.error({ err: error }, "a listener of the command queue failed");
      }
    }
    return view;
  }

  /** While the disk is full a command stays where it is: an ending that is not on disk is none. */
  const write = (id: string, work: () => void) =>
    writeOnceThereIsRoom(work, {
      signal: stopping.signal,
      onFull: (problem) =>
        log.error({ command: id, problem, cause: problem.cause }, "a command waits for room on the disk"),
    });

  function end(id: string, outcome: Outcome, problem?: Problem): CommandView {
    journal.finish(id, outcome, problem);
    const entry = { command: id, outcome, ...(problem === undefined ? {} : { problem: problem.toJSON() }) };
    if (problem?.code === "internal") log.error({ ...entry, err: problem.cause }, "command ended");
    else log.info(entry, "command ended");
    writeIfThereIsRoom(journal.prune);
    return tell(id);
  }

  function enqueue({ id, name, input }: CommandOrder): void {
    let command: BoundCommand;
    try {
      command = bindCommand(name, input);
    } catch (error) {
      const problem = Problem.wrap(error);
      lanes.add(id, () => settled(write(id, () => void end(id, "failed", problem))));
      return;
    }
    lanes.add(command.lane, () => settled(run(id, command)));
  }

  /** A command that is broken off goes on after the next start; nothing else ends the work in a lane by an error. */
  const settled = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      if (!(error instanceof Interruption)) log.error({ err: error }, "a command could not be written down");
    });

  async function run(id: string, command: BoundCommand): Promise<void> {
    const { state, cancelAskedAt } = entryOf(id);
    if (state !== "accepted" && state !== "running") return;
    const canceller = new AbortController();
    if (cancelAskedAt !== undefined) canceller.abort(cancelled(id));
    cancels.set(id, canceller);
    const progress = throttle<Progress>(progressMs, (news) => {
      writeIfThereIsRoom(() => journal.progress(news));
      tell(id);
    });
    const reconciled = async (): Promise<Problem | undefined> => {
      try {
        await reconcile({
          id,
          command,
          resumed: state === "running",
          cancel: canceller.signal,
          stop: stopping.signal,
          onProgress: progress.push,
          onStep: () => writeIfThereIsRoom(() => journal.countStep(id)),
        });
        return undefined;
      } catch (error) {
        if (error instanceof Interruption) throw error;
        return Problem.wrap(error);
      } finally {
        progress.flush();
      }
    };
    try {
      await write(id, () => journal.start(id));
      log.info({ command: id, name: command.name, resumed: state === "running" }, "command starts");
      tell(id);
      const problem = await reconciled();
      const outcome = problem === undefined ? "done" : problem.code === "cancelled" ? "cancelled" : "failed";
      await write(id, () => void end(id, outcome, problem));
    } finally {
      cancels.delete(id);
    }
  }

  return {
    accept: (order) => {
      if (order.sequence === null && journal.get(order.id) === undefined) bindCommand(order.name, order.input);
      const { entry, isNew } = journal.accept(order);
      if (!isNew) return viewOf(entry);
      tell(order.id);
      enqueue(order);
      return viewOf(entryOf(order.id));
    },

    refuse: (order, problem) => {
      journal.refuse(order, problem);
      tell(order.id);
    },

    cancel: (id, actor) => {
      journal.askCancel(id, actor);
      const { state } = entryOf(id);
      if (state === "accepted") return end(id, "cancelled", cancelled(id));
      cancels.get(id)?.abort(cancelled(id));
      return viewOf(entryOf(id));
    },

    get: (id) => {
      const entry = journal.get(id);
      return entry === undefined ? undefined : viewOf(entry);
    },
    detail: (id) => {
      const entry = journal.get(id);
      return entry === undefined ? undefined : { ...viewOf(entry), history: journal.history(id) };
    },
    journal: journal.page,
    list: (limit) => journal.list(limit).map(viewOf),
    open: () => journal.open().map(({ id }) => id),

    plan: async (name, input) => {
      const command = bindCommand(name, input);
      const seen = await observe();
      const steps = command.plan(seen);
      return {
        steps: steps.map((step) => ({ kind: step.kind, title: stepTitle(step) })),
        changes: changesOf(steps, seen),
        notes: [...(command.notes?.(seen) ?? [])],
      };
    },

    resume: () => {
      journal.prune();
      for (const entry of journal.open()) enqueue(entry);
    },

    stop: async () => {
      stopping.abort(new Interruption("the agent ends"));
      await lanes.close();
    },

    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    unacknowledged: journal.unacknowledged,
    result: (id) => {
      const entry = journal.get(id);
      if (entry?.finishedAt === undefined || entry.sequence === null) return undefined;
      return resultOf(entry, journal.history(id));
    },
    acknowledge: journal.acknowledge,
  };
}

const cancelled = (id: string) => new Problem("cancelled", `command ${id} was cancelled`);
