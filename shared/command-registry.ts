import type { z } from "zod";
import type { BoundCommand } from "./command.ts";
import { commands } from "./commands/index.ts";
import { Problem } from "./problem.ts";

type AnyCommand = (typeof commands)[number];
export type CommandName = AnyCommand["name"];
export type CommandInput<Name extends CommandName> = z.input<Extract<AnyCommand, { name: Name }>["input"]>;

export const commandNames: readonly string[] = commands.map(({ name }) => name);

/**
 * Finds a command by its wire name and parses its input.
 * @throws {Problem} `unknown_command` or `invalid_input`
 */
export function bindCommand(name: string, input: unknown): BoundCommand {
  const command = commands.find((known) => known.name === name);
  if (command !== undefined) return command.bind(input);
  throw new Problem("unknown_command", `there is no command ${name}`, {
    hint: `Known are: ${commandNames.join(", ")}.`,
  });
}

/** @throws {Problem} `forbidden` for a command that people do not give */
export function assertUnreserved(name: string): void {
  if (!commands.some((known) => known.name === name && "reserved" in known && known.reserved === true)) return;
  throw new Problem("forbidden", `${name} is not given by people`, {
    hint: "It is a part of something that the hub does as a whole: ask for that there.",
  });
}

/**
 * The input of a command as it is when it is taken in: a command such as "restarted after T" gets its T, so that it
 * means the same however often it is delivered.
 * @param now Milliseconds since the epoch.
 */
export function inputAt<Input>(name: string, input: Input, now: number): Input | (Input & { after: number }) {
  const isTimed = commands.some((known) => known.name === name && "timed" in known && known.timed === true);
  if (!isTimed || typeof input !== "object" || input === null || Object.hasOwn(input, "after")) return input;
  return { ...input, after: now };
}
