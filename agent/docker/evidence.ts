import { containerName } from "#shared/container-spec.ts";
import type { ReadLogs } from "./logs.ts";
import type { Part } from "./names.ts";

const LOG_LINES = 200;

/** What a `Problem` about a container shows: which one, what else is known, and the last lines of its log. */
export async function evidenceOf(logs: ReadLogs, part: Part, { redact, ...more }: Evidence) {
  const lines: string[] = [];
  const request = { ...part, tail: LOG_LINES, follow: false };
  for await (const { text } of logs(request, AbortSignal.timeout(5000))) lines.push(redact(text));
  return { container: containerName(part), ...more, log: lines.slice(-LOG_LINES) };
}

interface Evidence extends Record<string, unknown> {
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
}
