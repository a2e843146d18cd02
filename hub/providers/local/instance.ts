import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseOr } from "#shared/problem.ts";
import type { LocalSettings } from "../local.ts";

/** `instance.json` in the folder of a local VPS: what its provider has to remember. */
export const LocalInstance = z.object({
  labels: z.object({ "wopr-beacon": z.string(), "wopr-round": z.string() }),
  /** Value of the label `wopr.scope` on everything that its agent makes in Docker. */
  scope: z.string(),
  ports: z.object({ http: z.number().int(), https: z.number().int(), api: z.number().int() }),
});
export type LocalInstance = z.output<typeof LocalInstance>;

/**
 * Reads the `instance.json` of one folder; `undefined` when there is none.
 * @throws {Problem} `invalid_input` when somebody has damaged it.
 */
export async function readInstance(folder: string): Promise<LocalInstance | undefined> {
  const file = join(folder, "instance.json");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseOr(LocalInstance, JSON.parse(text), file);
}

/** The agent's own configuration file: `AgentConfig` in `agent/config.ts` is its schema. */
export const agentConfigOf = (parts: {
  readonly id: string;
  readonly instance: LocalInstance;
  readonly settings: LocalSettings;
  readonly folder: string;
  readonly hub: string;
}) => ({
  hub: parts.hub,
  instanceId: parts.id,
  dataDirectory: join(parts.folder, "data"),
  enrolmentTokenFile: join(parts.folder, "enrolment-token"),
  scope: parts.instance.scope,
  dockerSocket: parts.settings.dockerSocket,
  ...(parts.settings.registryMirror === undefined ? {} : { registryMirror: parts.settings.registryMirror }),
  modulesDirectory: parts.settings.modulesDirectory,
  address: parts.settings.address,
  httpPort: parts.instance.ports.http,
  httpsPort: parts.instance.ports.https,
  certificates: "internal",
  listen: { host: "127.0.0.1", port: parts.instance.ports.api },
  ...(parts.settings.sampleMs === undefined ? {} : { sampleMs: parts.settings.sampleMs }),
});
