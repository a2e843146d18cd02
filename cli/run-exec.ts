import { once } from "node:events";
import { z } from "zod";
import { ExecItem, type ExecRequest } from "#shared/api/exec.ts";
import { bytesOfBase64, createWordSender, SAY_SHOWN_BYTES } from "#shared/api/exec-words.ts";
import { Problem, ProblemBody } from "#shared/problem.ts";
import type { BeaconClient } from "./beacon-client.ts";
import type { Terminal } from "./command.ts";

const End = z.object({ problem: ProblemBody.optional() });

/**
 * Runs a program in a container with this process's terminal, or its pipes, as its own.
 * @returns its exit code
 * @throws {Problem} why it could not be run, or what ended it
 */
export async function runExec(
  client: BeaconClient,
  { streams: { input, output, errors }, signal }: Pick<Terminal, "streams" | "signal">,
  request: z.input<typeof ExecRequest>,
): Promise<number> {
  const ending = new AbortController();
  const over = AbortSignal.any([signal, ending.signal]);
  const events = await client.events("exec", { signal: over, body: request });
  let session = "";
  const words = createWordSender({
    send: async (said) => {
      await client.post(`exec/${session}`, { words: said }, z.unknown());
    },
    // A program that has ended hears nothing any more: its end is on its way.
    onProblem: () => undefined,
  });
  const onData = (bytes: Uint8Array) => {
    words.input(bytes);
    // What comes through a pipe is read as fast as the program takes it.
    if (request.tty) return;
    input.pause();
    void words.idle().then(() => input.resume());
  };
  const onEnd = () => words.say({ type: "eof" });
  const onResize = () => words.say({ type: "resize", columns: output.columns, rows: output.rows });
  const begin = () => {
    if (request.tty) {
      input.setRawMode(true);
      output.on("resize", onResize);
    }
    input.on("data", onData).on("end", onEnd).resume();
  };
  const finish = () => {
    input.off("data", onData).off("end", onEnd).pause();
    output.off("resize", onResize);
    if (request.tty) input.setRawMode(false);
  };

  let shownBytes = 0;
  let saidBytes = 0;
  try {
    for await (const { event, data } of events) {
      if (event === "end") {
        const { problem } = End.parse(JSON.parse(data));
        throw problem === undefined
          ? new Problem("unavailable", "the program ended without a word")
          : Problem.from(problem);
      }
      const item = ExecItem.parse(JSON.parse(data));
      if (item.type === "exit") return item.code;
      if (item.type === "opened") {
        session = item.session;
        begin();
        continue;
      }
      const bytes = bytesOfBase64(item.bytes);
      const stream = item.stream === "stderr" ? errors : output;
      if (!stream.write(bytes)) await once(stream, "drain");
      shownBytes += bytes.length;
      if (shownBytes - saidBytes < SAY_SHOWN_BYTES) continue;
      saidBytes = shownBytes;
      words.say({ type: "shown", bytes: shownBytes });
    }
    throw new Problem("unavailable", "the agent of this beacon went away");
  } finally {
    finish();
    ending.abort();
  }
}
