import type { Log } from "#agent/log.ts";

/** Keeps what was logged, to be looked at. */
export function recordLog() {
  const lines: { level: string; entry: unknown; message: unknown }[] = [];
  const write =
    (level: string) =>
    (entry: unknown, message?: unknown): void => {
      lines.push({ level, entry, message });
    };
  const log: Log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  return { log, lines };
}
