import { parseArgs } from "node:util";
import { Problem } from "#shared/problem.ts";
import { lowerCollectorThreads } from "./collector-threads.ts";
import { readConfig } from "./config.ts";
import { newId } from "./id.ts";
import { createLog } from "./log.ts";
import { startHub } from "./start-hub.ts";

const STOP_WITHIN_MS = 5_000;

try {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  if (values.config === undefined) throw new Problem("invalid_input", "usage: node hub/main.ts --config <file>");
  const config = readConfig(values.config);
  const log = createLog(config.logLevel);
  try {
    lowerCollectorThreads();
  } catch (error) {
    log.warn({ error }, "the collector's threads run beside everything else, and not behind it");
  }
  const signerSocket = process.env.WOPR_SIGNER_SOCKET ?? config.signerSocket;
  const hub = await startHub(signerSocket === undefined ? config : { ...config, signerSocket }, {
    log,
    now: Date.now,
    newId,
  });
  const stop = () => {
    log.info("the hub stops");
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    hub.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error }, "the hub did not stop cleanly");
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
} catch (error) {
  const { message, hint, code, cause } = Problem.wrap(error);
  console.error([message, hint].filter((part) => part !== undefined).join(". "));
  if (code === "internal") console.error(cause);
  process.exit(1);
}
