/** A hub whose vendors are simulated. Argument: a JSON file with its configuration and where they are. Says `up` when it is. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { HubConfig } from "#hub/config.ts";
import { newId } from "#hub/id.ts";
import { createLog } from "#hub/log.ts";
import { startHub } from "#hub/start-hub.ts";

const Settings = z.object({ config: HubConfig, vendorEndpoints: z.record(z.string(), z.string()) });
const { config, vendorEndpoints } = Settings.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
await startHub(config, {
  log: createLog(config.logLevel),
  now: Date.now,
  newId,
  vendorEndpoints,
  times: { sweepMs: 200 },
});
console.log("up");
