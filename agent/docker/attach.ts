import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { containerName } from "#shared/container-spec.ts";
import { Problem } from "#shared/problem.ts";
import type { DockerConnection } from "./connection.ts";
import { endSession } from "./end-session.ts";
import { findContainer } from "./find-container.ts";
import type { Part } from "./names.ts";
import { bytesOf, demultiplex, type OutputChunk } from "./streams.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface AttachRequest extends Part {
  /** Program and arguments; the best shell that the container has when absent. */
  readonly argv?: readonly string[] | undefined;
  /** Gives it a terminal of this size. */
  readonly terminal?: TerminalSize | undefined;
  /** Told before the program begins: who dies right after knows what to end. */
  readonly onReady?: (ready: Pick<AttachedProgram, "id" | "program">) => void;
}

/** A program that runs in a container, with its input and output in our hands. */
export interface AttachedProgram {
  readonly program: string;
  /** The engine's id of it. */
  readonly id: string;
  /** Ends when the program does. With a terminal all of it is `stdout`. It is read from the engine as fast as it is read here. */
  readonly output: AsyncIterable<OutputChunk>;
  /** Settles when the program may be written to again. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly endInput: () => void;
  readonly resize: (size: TerminalSize) => Promise<void>;
  /** Once its output has ended. */
  readonly exitCode: () => Promise<number>;
  /** Ends the program, and what it has started in its session. */
  readonly end: () => Promise<void>;
}

/**
 * Runs a program inside a running container of ours.
 * @throws {Problem} `not_found`, `conflict` when the container does not run, `docker_unavailable`
 */
export type Attach = (request: AttachRequest) => Promise<AttachedProgram>;

export interface Attaching {
  readonly attach: Attach;
  /** Ends a program by the engine's id, also one that an agent before this one has started. */
  readonly endProgram: (id: string) => Promise<void>;
}

const MOST_LOOKS = 100;
const LOOK_EVERY_MS = 20;

/** Tried in this order: the first that is there. */
const shells = ["/bin/bash", "/usr/bin/bash", "/bin/ash", "/bin/sh"];

export function dockerAttach(docker: DockerConnection): Attaching {
  const { engine, call } = docker;

  /** Looks for a file, and runs nothing: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerArchiveInfo */
  const has = async (container: string, path: string) =>
    (await call(`look for ${path}`, () => engine.getContainer(container).infoArchive({ path }), [404])) !== undefined;

  async function shellIn(container: string, name: string): Promise<string[]> {
    for (const shell of shells) if (await has(container, shell)) return [shell];
    throw new Problem("not_found", `${name} has no shell`, { hint: "Name a program that is in it." });
  }

  const inspect = (id: string) => call("look at a program in a container", () => engine.getExec(id).inspect(), [404]);

  /** The output of a program ends a moment before the engine has heard of its end. */
  async function exitCodeOf(id: string): Promise<number> {
    for (let looks = 0; ; looks++) {
      const seen = await inspect(id);
      if (!seen?.Running || looks >= MOST_LOOKS) return seen?.ExitCode ?? -1;
      await delay(LOOK_EVERY_MS);
    }
  }

  async function endProgram(id: string): Promise<void> {
    const seen = await inspect(id);
    if (seen?.Running) await endSession({ pid: seen.Pid, container: seen.ContainerID });
  }

  const attach: Attach = async ({ argv, terminal, onReady, ...part }) => {
    const name = containerName(part);
    const found = await findContainer(docker, part);
    if (found === undefined) throw new Problem("not_found", `there is no container ${name}`);
    if (found.state !== "running") {
      throw new Problem("conflict", `${name} does not run: it is ${found.state}`, { hint: "Start it first." });
    }
    const command = argv ?? (await shellIn(found.id, name));
    const what = `run ${command[0]} in ${name}`;
    const exec = await call(what, () =>
      engine.getContainer(found.id).exec({
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: terminal !== undefined,
        Cmd: [...command],
        ...(terminal === undefined ? {} : { Env: ["TERM=xterm-256color"] }),
      }),
    );
    if (exec === undefined) throw new Problem("docker_refused", `could not ${what}`);
    const program = command[0] ?? "";
    onReady?.({ id: exec.id, program });
    const socket = await call(what, () => exec.attach({ Tty: terminal !== undefined }));
    if (socket === undefined) throw new Problem("docker_refused", `could not ${what}`);
    // A connection that breaks ends the output; what is written to it then is lost with the program.
    socket.on("error", () => undefined);

    const tryResize = ({ columns, rows }: TerminalSize) =>
      call(`resize ${name}`, () => exec.resize({ w: columns, h: rows }).then(() => true), [404, 409, 500]);
    /** The engine refuses before the program has begun, which is a moment after it was started, and once it has ended. */
    const resize = async (size: TerminalSize) => {
      for (let tries = 0; tries < MOST_LOOKS && !(await tryResize(size)); tries++) {
        if (typeof (await inspect(exec.id))?.ExitCode === "number") return;
        await delay(LOOK_EVERY_MS);
      }
    };
    if (terminal !== undefined) await resize(terminal);

    return {
      program,
      id: exec.id,
      output: terminal === undefined ? demultiplex(socket) : asStdout(socket),
      write: async (bytes) => {
        if (socket.destroyed || socket.writableEnded || socket.write(bytes)) return;
        await Promise.race([once(socket, "drain"), once(socket, "close")]);
      },
      endInput: () => void socket.end(),
      resize,
      exitCode: () => exitCodeOf(exec.id),
      end: async () => {
        socket.destroy();
        await endProgram(exec.id);
      },
    };
  };

  return { attach, endProgram };
}

async function* asStdout(chunks: AsyncIterable<unknown>): AsyncGenerator<OutputChunk> {
  for await (const chunk of chunks) yield { stream: "stdout", bytes: bytesOf(chunk) };
}
