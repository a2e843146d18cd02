import { z } from "zod";
import { LogLine } from "#shared/api/beacon.ts";
import { Problem, ProblemBody } from "#shared/problem.ts";
import { firstWord, readOptions, wrongUsage } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";

const words = "INSTANCE [SERVICE] [-f] [-n LINES] [--since MINUTES] [--grep TEXT]";
const End = z.object({ problem: ProblemBody.optional() });

export const logs: CliCommand = {
  name: "logs",
  usage: words,
  summary: "print the log of an app, and with -f what comes",
  run: async (terminal) => {
    const usage = `logs ${words}`;
    const options = {
      follow: { type: "boolean", short: "f" },
      tail: { type: "string", short: "n" },
      since: { type: "string" },
      grep: { type: "string" },
    } as const;
    const { values, words: given, client } = readOptions(terminal, options, usage);
    const instance = firstWord(given, "instance", usage);
    const minutes = Number(values.since ?? 0);
    if (Number.isNaN(minutes)) throw wrongUsage(`${values.since} is not a number of minutes`, usage);
    const query = new URLSearchParams({
      ...(values.tail === undefined ? {} : { tail: values.tail }),
      ...(given[1] === undefined ? {} : { service: given[1] }),
      ...(values.since === undefined
        ? {}
        : { since: String(Date.now() - minutes * 60_000), tail: values.tail ?? "10000" }),
      ...(values.grep === undefined ? {} : { match: values.grep }),
      follow: String(values.follow ?? false),
    });
    const events = await client.events(`logs/${encodeURIComponent(instance)}?${query}`, terminal);
    for await (const { event, data } of events) {
      if (event === "end") {
        const { problem } = End.parse(JSON.parse(data));
        if (problem !== undefined) throw Problem.from(problem);
        return;
      }
      const { at, service, text } = LogLine.parse(JSON.parse(data));
      terminal.print(`${at === undefined ? "" : `${new Date(at).toISOString()} `}${service} ${text}\n`);
    }
  },
};
