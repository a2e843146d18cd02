/** A hub whose vendors are simulated. Argument: a JSON file with its configuration and where they and the name servers are. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { HubConfig } from "#hub/config.ts";
import { newId } from "#hub/id.ts";
import { createLog } from "#hub/log.ts";
import { startHub } from "#hub/start-hub.ts";
import { resolverAt } from "#test/hub/dns/resolver-at.ts";

const Places = z.record(z.string(), z.string());
const Settings = z.object({ config: HubConfig, vendorEndpoints: Places, nameServers: Places });
const { config, vendorEndpoints, nameServers } = Settings.parse(
  JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")),
);
await startHub(config, {
  log: createLog(config.logLevel),
  now: Date.now,
  newId,
  vendorEndpoints,
  openResolver: resolverAt(nameServers),
  times: { sweepMs: 200, reconcile: { quietMs: 0 } },
});
