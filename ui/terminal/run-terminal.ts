import { bytesOfBase64, createWordSender, SAY_SHOWN_BYTES } from "#shared/api/exec-words.ts";
import { Problem } from "#shared/problem.ts";
import type { OpenExec } from "../exec-connection.ts";
import type { TerminalView } from "./xterm-view.ts";

export interface TerminalWish {
  readonly instance: string;
  readonly service: string;
}

/**
 * Leads a shell in a container to a terminal on the page until one of them ends.
 * @returns the exit code of the shell
 * @throws {Problem} why it could not be opened, or what ended it
 */
export async function runTerminal(
  openExec: OpenExec,
  wish: TerminalWish,
  { view, onOpen, signal }: { view: TerminalView; onOpen: () => void; signal: AbortSignal },
): Promise<number> {
  const broken = new AbortController();
  const over = AbortSignal.any([signal, broken.signal]);
  const { items, say } = await openExec({ ...wish, ...view.size() }, over);
  onOpen();
  const words = createWordSender({ send: say, onProblem: (problem) => broken.abort(problem) });
  view.onInput(words.input);
  view.onResize((size) => words.say({ type: "resize", ...size }));
  view.focus();
  let shownBytes = 0;
  let saidBytes = 0;
  for await (const item of items) {
    over.throwIfAborted();
    if (item.type === "exit") return item.code;
    if (item.type !== "output") continue;
    const bytes = bytesOfBase64(item.bytes);
    await view.write(bytes);
    shownBytes += bytes.length;
    if (shownBytes - saidBytes < SAY_SHOWN_BYTES) continue;
    saidBytes = shownBytes;
    words.say({ type: "shown", bytes: shownBytes });
  }
  throw new Problem("unavailable", "the program ended without a word");
}
