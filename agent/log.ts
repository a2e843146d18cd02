import type { AgentConfig } from "./config.ts";

type Write = (about: object, message: string) => void;

/** What the agent's parts need of a logger. */
export type Log = Readonly<Record<"debug" | "info" | "warn" | "error", Write>>;

/** As pino and Bunyan number them, so that their readers read this log too: https://getpino.io/#/docs/api?id=loggerlevel-string-gettersetter */
const levels = { debug: 20, info: 30, warn: 40, error: 50, silent: 100 } as const;

/** Members that are never written, wherever they stand in what is logged. */
const secrets = new Set(["token", "authorization", "cookie", "password", "secret", "privateKey"]);

/** JSON lines on standard output; the service manager keeps them. Loggers of the trade come with threads, which weigh more than this file. */
export function createLog(
  level: AgentConfig["logLevel"],
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Log {
  const at = (name: keyof Log): Write =>
    levels[name] < levels[level]
      ? () => undefined
      : (about, msg) => write(`${lineOf({ level: levels[name], time: new Date().toISOString(), ...about, msg })}\n`);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function lineOf(entry: { readonly level: number; readonly time: string; readonly msg: string }): string {
  try {
    return JSON.stringify(entry, plain);
  } catch (error) {
    // It goes round in a circle, or holds what JSON has not.
    const { level, time, msg } = entry;
    return JSON.stringify({ level, time, msg, unwritable: String(error) });
  }
}

/** A `Problem` under its own name is as on the wire; every other error has its stack. */
function plain(this: unknown, key: string, value: unknown): unknown {
  if (secrets.has(key)) return "[secret]";
  // JSON.stringify has called `toJSON` before it calls this.
  const given: unknown = Reflect.get(Object(this), key);
  if (!(given instanceof Error) || key === "problem") return value;
  const { name, message, stack, cause } = given;
  return { type: name, ...given, message, stack, ...(cause === undefined ? {} : { cause }) };
}
