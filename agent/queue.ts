import type { CommandView, Plan } from "#shared/api/beacon.ts";
import type { CommandResult } from "#shared/protocol/frames.ts";

/** A command as it is given to the queue: by the hub, or (`sequence` null) on the beacon itself. */
export interface GivenCommand {
  readonly id: string;
  readonly sequence: number | null;
  readonly name: string;
  readonly input: unknown;
  readonly actor: string;
}

/** What those who give commands and those who report on them need of the command queue. */
export interface Queue {
  /** In the journal when it returns; a known id gives what is known of it. @throws {Problem} when it cannot be accepted */
  accept(command: GivenCommand): CommandView;
  get(id: string): CommandView | undefined;
  /** Newest first. */
  list(limit: number): CommandView[];
  /** @throws {Problem} `not_found` */
  cancel(id: string): CommandView;
  /** What a command would do now. @throws {Problem} why it would be refused */
  plan(name: string, input: unknown): Promise<Plan>;
  /** Told on each change of a command, progress included. Gives the way to stop listening. */
  onChange(listener: (view: CommandView) => void): () => void;
  /** Results of the hub's commands that the hub has not stored yet. */
  unacknowledged(): CommandResult[];
  acknowledge(ids: readonly string[]): void;
}
