import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Problem } from "#shared/problem.ts";
import { readLines } from "./lines.ts";
import type { PublicKeys, Signer } from "./signer.ts";
import { SignerAnswer, type SignerRequest } from "./wire.ts";

const ANSWER_WITHIN_MS = 5_000;

type Unnumbered<Request> = Request extends { number: number } ? Omit<Request, "number"> : never;

interface Waiting {
  readonly resolve: (answer: SignerAnswer) => void;
  readonly reject: (problem: Problem) => void;
}

/**
 * A signer in a process of its own, behind its socket. It is dialled when it is needed; while it is away each request
 * fails at once with `unavailable`, and the next one dials anew.
 */
export function createRemoteSigner(path: string, answerWithinMs = ANSWER_WITHIN_MS): Signer & { close(): void } {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let dialled: Promise<Socket> | undefined;

  const lost = (cause?: unknown) => {
    dialled = undefined;
    for (const { reject } of waiting.values()) reject(away(path, cause));
    waiting.clear();
  };

  const dial = async (): Promise<Socket> => {
    const socket = connect(path);
    readLines(socket, (line) => {
      const answer = SignerAnswer.safeParse(JSON.parse(line)).data;
      if (answer === undefined) return;
      waiting.get(answer.number)?.resolve(answer);
      waiting.delete(answer.number);
    });
    try {
      await once(socket, "connect");
    } catch (cause) {
      throw away(path, cause);
    }
    socket.on("error", lost);
    socket.on("close", () => lost());
    // The hub is not kept alive by it.
    socket.unref();
    return socket;
  };

  const ask = async (request: Unnumbered<SignerRequest>): Promise<SignerAnswer> => {
    dialled ??= dial().catch((problem: unknown) => {
      dialled = undefined;
      throw problem;
    });
    const socket = await dialled;
    last += 1;
    const number = last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(number);
        socket.destroy();
        reject(away(path));
      }, answerWithinMs);
      const settled =
        <Value>(settle: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(timer);
          settle(value);
        };
      waiting.set(number, { resolve: settled(resolve), reject: settled(reject) });
      socket.write(`${JSON.stringify({ number, ...request })}\n`);
    });
  };

  const askKeys = async (what: "keys" | "prepare" | "activate"): Promise<PublicKeys> => {
    const answer = await ask({ ask: what });
    if ("keys" in answer) return answer.keys;
    throw problemOf(answer);
  };

  return {
    sign: async (kind, payload) => {
      const answer = await ask({ ask: "sign", kind, payload: { ...payload } });
      if ("statement" in answer) return answer.statement;
      throw problemOf(answer);
    },
    keys: () => askKeys("keys"),
    prepare: () => askKeys("prepare"),
    activate: () => askKeys("activate"),
    close: () => {
      dialled?.then(
        (socket) => socket.destroy(),
        () => undefined,
      );
    },
  };
}

const problemOf = (answer: SignerAnswer) =>
  "problem" in answer ? Problem.from(answer.problem) : new Problem("internal", "the signer answered something else");

const away = (path: string, cause?: unknown) =>
  new Problem("unavailable", "the process that signs for this hub does not answer", {
    hint: `Nothing is lost. Start it again (npm run signer); its socket is ${path}.`,
    cause,
  });
