import type { z } from "zod";
import type { Observed } from "./observed.ts";
import { parseOr } from "./problem.ts";
import type { Step } from "./steps.ts";

/**
 * A command is a pure function from what is wanted and what is seen to steps. The agent observes, plans, carries out
 * and looks again until the plan is empty; so the plan of a finished command must be empty.
 */
export interface CommandDefinition<Name extends string, Input extends z.ZodType> {
  /** Wire name, `noun.verb`. */
  readonly name: Name;
  readonly title: string;
  readonly input: Input;
  /** Its input has `after`: who takes the command in fills in the present time where it is absent. */
  readonly timed?: true;
  /** Only the hub gives it, by a job of its own, and root on the beacon. Nobody's request for it is passed on. */
  readonly reserved?: true;
  /** Commands with the same lane run one after the other, for example those of one instance. */
  readonly lane: (want: z.output<Input>) => string;
  /** @throws {Problem} when the beacon cannot or may not do it; nothing was touched then. */
  readonly plan: (want: z.output<Input>, seen: Observed) => readonly Step[];
  /** What else a person should know who is shown the plan. */
  readonly notes?: (want: z.output<Input>, seen: Observed) => readonly string[];
  /** Steps that take back what the failed command `id` did, as far as `seen` shows it. Absent: what was done stays. */
  readonly undo?: (want: z.output<Input>, seen: Observed, id: string) => readonly Step[];
}

/** A command with its input parsed: nothing about it can be wrong any more but the beacon. */
export interface BoundCommand {
  readonly name: string;
  readonly title: string;
  readonly input: unknown;
  readonly lane: string;
  readonly plan: (seen: Observed) => readonly Step[];
  readonly notes?: (seen: Observed) => readonly string[];
  readonly undo: (seen: Observed, id: string) => readonly Step[];
}

export interface Command<Name extends string, Input extends z.ZodType> extends CommandDefinition<Name, Input> {
  /** @throws {Problem} `invalid_input` */
  readonly bind: (input: unknown) => BoundCommand;
}

export const defineCommand = <const Name extends string, Input extends z.ZodType>(
  command: CommandDefinition<Name, Input>,
): Command<Name, Input> => ({
  ...command,
  bind: (input) => {
    const want = parseOr(command.input, input, `the input of ${command.name}`);
    return {
      name: command.name,
      title: command.title,
      input: want,
      lane: command.lane(want),
      plan: (seen) => command.plan(want, seen),
      notes: (seen) => command.notes?.(want, seen) ?? [],
      undo: (seen, id) => command.undo?.(want, seen, id) ?? [],
    };
  },
});
