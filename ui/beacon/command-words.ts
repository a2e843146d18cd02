import type { CommandState, CommandView } from "#shared/api/beacon.ts";

export const stateWords: Readonly<Record<CommandState, string>> = {
  queued: "Queued",
  sent: "Sent",
  accepted: "Waiting",
  running: "Running",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
  expired: "Expired",
  lost: "Lost",
};

interface Words {
  /** What somebody asks for: "Install notes". */
  readonly wish: string;
  /** What goes on: "Installing notes". */
  readonly doing: string;
  /** What was done: "Installed notes". */
  readonly done: string;
}

const verbs: Readonly<Record<string, readonly [wish: string, doing: string, done: string]>> = {
  "module.configure": ["Change settings of", "Changing settings of", "Changed settings of"],
  "module.install": ["Install", "Installing", "Installed"],
  "module.remove": ["Remove", "Removing", "Removed"],
  "module.restart": ["Restart", "Restarting", "Restarted"],
  "module.rotate-secrets": ["Make new passwords for", "Making new passwords for", "Made new passwords for"],
  "module.start": ["Start", "Starting", "Started"],
  "module.stop": ["Stop", "Stopping", "Stopped"],
  "module.update": ["Update", "Updating", "Updated"],
};

const textAt = (input: CommandView["input"], key: string): string | undefined => {
  const value = input[key];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** The instance that a command is about, if it is about one. */
export const instanceOf = ({ input }: Pick<CommandView, "input">): string | undefined =>
  textAt(input, "instance") ?? textAt(input, "module");

/** A command as a person says it. One that these pages do not know goes by its wire name. */
export function commandWords(command: Pick<CommandView, "name" | "input">): Words {
  const subject = instanceOf(command) ?? "";
  const verb = Object.hasOwn(verbs, command.name) ? verbs[command.name] : undefined;
  if (verb === undefined) {
    const name = `${command.name} ${subject}`.trim();
    return { wish: name, doing: name, done: name };
  }
  const [wish, doing, done] = verb;
  return { wish: `${wish} ${subject}`, doing: `${doing} ${subject}`, done: `${done} ${subject}` };
}

/** How far a command is over all its steps, 0 to 100, where it can be told. */
export function percentOf({ progress }: CommandView): number | undefined {
  if (progress === undefined) return undefined;
  return ((progress.step - 1 + (progress.percent ?? 0) / 100) / progress.steps) * 100;
}
