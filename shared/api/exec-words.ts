import { type ExecWord, MOST_INPUT_BYTES } from "./exec.ts";

/** Half of the window may be shown before it has to be said. */
export const SAY_SHOWN_BYTES = 64 * 1024;
const MOST_WORDS = 20;

/** What is said to a program, in order: one request at a time, and what came meanwhile together in the next. */
export interface WordSender {
  readonly input: (bytes: Uint8Array) => void;
  readonly say: (word: ExecWord) => void;
  /** Settles when all was said. */
  readonly idle: () => Promise<void>;
}

export interface WordSenderOptions {
  /** One request. */
  readonly send: (words: readonly ExecWord[]) => Promise<void>;
  /** What could not be said: nothing is said any more after it. */
  readonly onProblem: (problem: unknown) => void;
}

export function createWordSender({ send, onProblem }: WordSenderOptions): WordSender {
  let waiting: ExecWord[] = [];
  let sending: Promise<void> | undefined;

  const drain = async () => {
    try {
      while (waiting.length > 0) {
        const words = waiting.slice(0, takeable(waiting));
        waiting = waiting.slice(words.length);
        await send(words);
      }
    } catch (error) {
      waiting = [];
      onProblem(error);
    } finally {
      sending = undefined;
    }
  };
  const say = (word: ExecWord) => {
    // Of sizes, and of what was shown, only the last counts.
    if (word.type !== "input" && waiting.at(-1)?.type === word.type) waiting.pop();
    waiting.push(word);
    sending ??= Promise.resolve().then(drain);
  };

  return {
    say,
    input: (bytes) => {
      for (let at = 0; at < bytes.length; at += MOST_INPUT_BYTES) {
        say({ type: "input", bytes: base64Of(bytes.subarray(at, at + MOST_INPUT_BYTES)) });
      }
    },
    idle: async () => {
      while (sending !== undefined) await sending;
    },
  };
}

/** A request of an API has at most 256 KB. */
const MOST_CHARACTERS = 128 * 1024;

function takeable(words: readonly ExecWord[]): number {
  let characters = 0;
  const end = words.findIndex((word, index) => {
    characters += word.type === "input" ? word.bytes.length : 100;
    return index >= MOST_WORDS || (index > 0 && characters > MOST_CHARACTERS);
  });
  return end === -1 ? words.length : end;
}

/** Pieces that fit into the arguments of one call. */
const PIECE = 8 * 1024;

export function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(text);
}

export const bytesOfBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
