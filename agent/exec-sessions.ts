import { type ExecItem, type ExecRequest, type ExecWord, OUTPUT_WINDOW_BYTES } from "#shared/api/exec.ts";
import { containerName } from "#shared/container-spec.ts";
import type { InstanceRecord } from "#shared/instance.ts";
import { routeAlias } from "#shared/modules/sign-on.ts";
import { Problem } from "#shared/problem.ts";
import type { AttachedProgram, Attaching } from "./docker/attach.ts";
import { watchSilence } from "./docker/silence.ts";
import type { Log } from "./log.ts";
import type { ExecSessionTable } from "./store/exec-sessions.ts";
import type { Talk } from "./streams/index.ts";
import { createWindow } from "./streams/window.ts";

const MOST_OPEN = 16;
/** Typed, and not taken by the program. */
const MOST_UNREAD_BYTES = 1024 * 1024;
/** Larger pieces of output would keep other streams of the same link waiting. */
const MOST_PIECE_BYTES = 48 * 1024;

export interface ExecOrder {
  /** Of one session, ever. */
  readonly id: string;
  readonly actor: string;
  readonly request: ExecRequest;
}

/** Programs that people run in containers. Each is written down: who, where, when, but not what was typed. */
export interface ExecSessions {
  /**
   * Runs until the program ends, the reader goes, or nothing was typed and nothing came for `idleMs`. Output is read no
   * faster than the reader says that it was shown.
   * @throws {Problem} `not_found`, `conflict`, `too_many_requests`, `command_replayed`, `timed_out`
   */
  readonly open: (order: ExecOrder, talk: Talk<ExecWord>) => AsyncGenerator<ExecItem>;
  /** Ends what an agent that was killed has left running. */
  readonly clear: () => Promise<void>;
}

export interface ExecSessionsOptions extends Attaching {
  readonly instances: () => readonly InstanceRecord[];
  readonly table: ExecSessionTable;
  readonly idleMs: number;
  readonly now: () => number;
  readonly log: Log;
}

export function createExecSessions(options: ExecSessionsOptions): ExecSessions {
  const { table, now, log } = options;
  const open = new Set<string>();

  async function* run({ id, actor, request }: ExecOrder, talk: Talk<ExecWord>): AsyncGenerator<ExecItem> {
    if (open.size >= MOST_OPEN) {
      throw new Problem("too_many_requests", `${MOST_OPEN} programs are running in containers already`);
    }
    const part = partOf(options.instances(), request);
    const container = containerName(part);
    const entry = { session: id, actor, container };
    table.begin({ id, actor, container, program: request.command?.[0] ?? "shell", startedAt: now() });
    open.add(id);
    let ending: { exitCode?: number; reason?: string } = { reason: "the reader went" };
    try {
      const { columns, rows } = request;
      const terminal = request.tty ? { columns, rows } : undefined;
      const program = await options.attach({
        ...part,
        argv: request.command,
        terminal,
        onReady: (ready) => table.running(id, ready.program, ready.id),
      });
      log.info({ ...entry, program: program.program }, "a program was started in a container");
      try {
        yield { type: "opened", session: id, container, program: program.program };
        yield* outputOf(program, talk, options.idleMs);
        const code = await program.exitCode();
        ending = { exitCode: code };
        yield { type: "exit", code };
      } finally {
        await program.end();
      }
    } catch (thrown) {
      if (!talk.signal.aborted) ending = { reason: Problem.wrap(thrown).message };
      throw thrown;
    } finally {
      open.delete(id);
      table.end(id, { endedAt: now(), ...ending });
      log.info({ ...entry, ...ending }, "a program in a container has ended");
    }
  }

  return {
    open: run,
    clear: async () => {
      for (const { id, engineId } of table.open()) {
        if (open.has(id)) continue;
        if (engineId !== undefined) await options.endProgram(engineId);
        table.end(id, { endedAt: now(), reason: "the agent ended" });
      }
    },
  };
}

/** @throws {Problem} `not_found` */
function partOf(instances: readonly InstanceRecord[], { instance, service }: ExecRequest) {
  const resolved = instances.find((known) => known.resolved.name === instance)?.resolved;
  if (resolved === undefined) {
    throw new Problem("not_found", `there is no instance ${instance} on this beacon`, {
      hint: `Installed are: ${instances.map((known) => known.resolved.name).join(", ") || "none"}.`,
    });
  }
  const services = resolved.containers.map((spec) => spec.service);
  const isServed = (name: string) =>
    resolved.routes.some((route) => "alias" in route && route.alias === routeAlias(instance, name));
  const chosen = service ?? services.find(isServed) ?? services.at(-1);
  if (chosen !== undefined && services.includes(chosen)) return { instance, service: chosen };
  throw new Problem("not_found", `${instance} has no service ${chosen ?? ""}`.trimEnd(), {
    hint: `It has: ${services.join(", ")}.`,
  });
}

/** What the program writes, while it is told what the reader says. */
async function* outputOf(
  program: AttachedProgram,
  { signal, onWord }: Talk<ExecWord>,
  idleMs: number,
): AsyncGenerator<ExecItem> {
  const ending = new AbortController();
  const over = AbortSignal.any([signal, ending.signal]);
  const fail = (problem: Problem) => ending.abort(problem);
  const idle = watchSilence(idleMs, () => undefined);
  idle.signal.addEventListener("abort", () => fail(wasIdle(idleMs)), { once: true });
  const window = createWindow(OUTPUT_WINDOW_BYTES, over);
  // Without its connection the output ends.
  const hangUp = () => void program.end().catch(() => undefined);
  over.addEventListener("abort", hangUp, { once: true });
  if (over.aborted) hangUp();
  onWord(obey(program, { shown: window.shown, heard: idle.heard, fail }));
  try {
    for await (const { stream, bytes } of program.output) {
      idle.heard();
      for (let at = 0; at < bytes.length; at += MOST_PIECE_BYTES) {
        const piece = bytes.subarray(at, at + MOST_PIECE_BYTES);
        yield { type: "output", stream, bytes: piece.toString("base64") };
        await window.sent(piece.length);
      }
    }
  } catch (error) {
    // A connection that was cut on purpose breaks the reading of it.
    if (!over.aborted) throw error;
  } finally {
    idle.stop();
    over.removeEventListener("abort", hangUp);
  }
  over.throwIfAborted();
}

interface Obedience {
  readonly shown: (bytes: number) => void;
  readonly heard: () => void;
  readonly fail: (problem: Problem) => void;
}

/** Does what is said, in its order; settles for each word when it was done. */
function obey(program: AttachedProgram, { shown, heard, fail }: Obedience): (word: ExecWord) => Promise<void> {
  let typed: Promise<void> = Promise.resolve();
  let unreadBytes = 0;
  return (word) => {
    switch (word.type) {
      case "input": {
        heard();
        const bytes = Buffer.from(word.bytes, "base64");
        unreadBytes += bytes.length;
        if (unreadBytes > MOST_UNREAD_BYTES) {
          fail(new Problem("too_large", "the program does not read what is typed", { hint: "Send less at once." }));
        }
        typed = typed
          .then(() => program.write(bytes))
          .then(() => {
            unreadBytes -= bytes.length;
          });
        return typed;
      }
      case "eof":
        typed = typed.then(program.endInput);
        return typed;
      case "resize":
        heard();
        // What is typed after it is for the new size.
        typed = typed.then(() => program.resize(word));
        return typed;
      case "shown":
        shown(word.bytes);
        return Promise.resolve();
    }
  };
}

const wasIdle = (idleMs: number) =>
  new Problem("timed_out", `nothing was typed and nothing came for ${Math.round(idleMs / 60_000)} minutes`, {
    hint: "Open it again.",
  });
