import { addAbortSignal } from "node:stream";
import { containerName } from "#shared/container-spec.ts";
import { Problem } from "#shared/problem.ts";
import type { DockerConnection } from "./connection.ts";
import { findContainer } from "./find-container.ts";
import type { Part } from "./names.ts";
import { demultiplex } from "./streams.ts";

export interface ExecRequest extends Part {
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Written to its standard input, which is closed after it. */
  readonly stdin: string;
  readonly timeoutMs: number;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program inside a running container of ours.
 * @throws {Problem} `timed_out`, `not_found`, `conflict` when the container does not run, `docker_unavailable`
 */
export type Exec = (request: ExecRequest) => Promise<ExecResult>;

export const dockerExec =
  (docker: DockerConnection): Exec =>
  async ({ argv, environment = {}, stdin, timeoutMs, ...part }) => {
    const what = `run ${argv[0]} in ${containerName(part)}`;
    const signal = AbortSignal.timeout(timeoutMs);
    const { engine, call } = docker;
    const found = await findContainer(docker, part);
    if (found === undefined) throw new Problem("not_found", `could not ${what}: there is no such container`);
    const exec = await call(what, () =>
      engine.getContainer(found.id).exec({
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Cmd: [...argv],
        Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      }),
    );
    if (exec === undefined) throw new Problem("docker_refused", `could not ${what}`);
    const output: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
    try {
      await call(what, async () => {
        const socket = addAbortSignal(signal, await exec.attach({ Tty: false }));
        socket.end(stdin);
        for await (const { stream, bytes } of demultiplex(socket)) output[stream].push(bytes);
      });
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new Problem("timed_out", `could not ${what}: it did not end within ${Math.round(timeoutMs / 1000)} s`);
    }
    const ended = await call(what, () => exec.inspect());
    return {
      exitCode: ended?.ExitCode ?? -1,
      stdout: Buffer.concat(output.stdout).toString("utf8"),
      stderr: Buffer.concat(output.stderr).toString("utf8"),
    };
  };
