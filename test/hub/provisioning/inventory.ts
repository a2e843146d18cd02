import type { ModuleFacts } from "#hub/provisioning/module-facts.ts";
import type { Inventory } from "#shared/inventory.ts";

/** What an agent reports with these modules installed. */
export const inventoryOf = (installed: readonly string[], modules: ReadonlyMap<string, ModuleFacts>): Inventory => ({
  at: 1,
  agentVersion: "0.1.0",
  host: {
    hostname: "ada",
    system: "Debian 12",
    kernel: "6.1",
    architecture: "x64",
    cpuModel: "test",
    cores: 2,
    memoryBytes: 1,
    diskBytes: 1,
  },
  domain: "ada.localhost",
  dashboardUrl: "https://ada.localhost:7443",
  certificates: [],
  instances: installed.map((module) => ({
    name: module,
    module,
    title: modules.get(module)?.title ?? module,
    version: "1.0.0",
    core: modules.get(module)?.category === "core",
    state: "running",
    services: [],
    urls: [`https://${module}.ada.localhost:7443`],
    parameters: {},
  })),
});
