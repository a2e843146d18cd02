import { parseArgs } from "node:util";
import { Problem } from "#shared/problem.ts";
import { readConfig } from "./config.ts";
import { createLog } from "./log.ts";
import { runAgent } from "./run-agent.ts";

const STOP_WITHIN_MS = 5_000;

/** What will not get better by starting again; a service manager should leave it at that (`RestartPreventExitStatus=2`). */
const EXIT_NEEDS_SOMEBODY = 2;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  if (values.config === undefined) throw new Problem("invalid_input", "use: agent --config FILE");
  const config = readConfig(values.config);
  const log = createLog(config.logLevel);
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, "the agent stops");
    stop.abort();
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  try {
    await runAgent(config, log, stop.signal);
    return 0;
  } catch (thrown) {
    if (stop.signal.aborted) return 0;
    const problem = Problem.wrap(thrown);
    log.error({ problem, cause: problem.cause }, "the agent cannot run");
    return problem.status < 500 && problem.code !== "conflict" ? EXIT_NEEDS_SOMEBODY : 1;
  }
}

process.exitCode = await main().catch((thrown: unknown) => {
  const problem = Problem.wrap(thrown);
  process.stderr.write(`${problem.message}\n${problem.hint ?? ""}\n`);
  return EXIT_NEEDS_SOMEBODY;
});
process.exit();
