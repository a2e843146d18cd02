import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createDocker } from "#agent/docker.ts";
import { createObserve, type Observe } from "#agent/observe.ts";
import { createReconcile } from "#agent/reconcile.ts";
import { createSecrets } from "#agent/secrets.ts";
import type { World } from "#agent/steps/context.ts";
import { openStore } from "#agent/store/database.ts";
import { instanceRecords } from "#agent/store/instance-records.ts";
import type { BoundCommand } from "#shared/command.ts";
import { secretMark } from "#shared/container-spec.ts";
import type { BeaconFacts } from "#shared/observed.ts";
import { Problem } from "#shared/problem.ts";
import type { Terminal } from "./command.ts";
import type { ComposeOptions } from "./compose-options.ts";

/** The parts of the engine that a plain Compose project needs: Docker and a memory, no Caddy, no database, no hub. */
export interface ComposeEngine {
  readonly observe: Observe;
  /** Brings the machine to where the command wants it, and takes back what was done when that fails. */
  readonly run: (command: BoundCommand) => Promise<void>;
  /**
   * What images mean: by the registry where the `newest` are looked for, else on this machine, `as-is`.
   * @returns id by name; the name itself where there is no such image yet
   */
  readonly newestImages: (images: readonly string[], look: "as-is" | "newest") => Promise<(image: string) => string>;
  /**
   * Seals values of variables away, so that plans and records hold a mark in their place; `as-is` keeps nothing. The mark
   * of a variable is another one when its value is.
   */
  readonly keepSecrets: (
    instance: string,
    values: Readonly<Record<string, string>>,
    look: "as-is" | "newest",
  ) => (variable: string) => string;
  readonly forgetSecrets: (instance: string) => void;
  readonly close: () => void;
}

/** How long the engine or a registry may be away in the middle of a command. */
const PATIENCE_MS = 30_000;

export function openEngine(project: string, options: ComposeOptions, terminal: Terminal): ComposeEngine {
  const dataDirectory = options.stateOf(project);
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const store = openStore(join(dataDirectory, "project.db"));
  const { dockerSocket: socketPath, scope, registryMirror } = options;
  const world: World = {
    docker: createDocker({ socketPath, scope, registryMirror }),
    routes: {
      prepare: () => undefined,
      sync: async () => undefined,
      put: () => notHere("routes"),
      remove: async () => undefined,
      observe: async () => ({}),
    },
    postgres: { list: async () => null, create: () => notHere("databases"), drop: () => notHere("databases") },
    redis: { list: async () => null, create: () => notHere("users of Redis"), remove: () => notHere("users of Redis") },
    secrets: createSecrets({ db: store, keyFile: join(dataDirectory, "secret.key"), randomBytes }),
    records: instanceRecords(store),
  };
  const catalog = { modules: {}, summaries: [], problems: [] };
  const { images } = world.docker;
  const { secrets } = world;
  const beacon = nowhere(dataDirectory);
  const observe = createObserve({ world, catalog, beacon, dataDirectory, engineNames: true });
  const reconcile = createReconcile({ observe, world, now: Date.now, patienceMs: PATIENCE_MS });
  return {
    observe,
    run: (command) =>
      reconcile({
        id: `cmd_${randomUUID()}`,
        command,
        resumed: false,
        cancel: terminal.signal,
        stop: new AbortController().signal,
        onProgress: ({ step, steps, title, detail }) =>
          terminal.say(`[${step}/${steps}] ${title}${detail === undefined ? "" : `: ${detail}`}`),
        onStep: () => undefined,
      }),
    newestImages: async (names, look) => {
      const ids = await Promise.all(
        names.map(async (name) => {
          const report = ({ detail }: { detail: string }) => terminal.say(`Pull image ${name}: ${detail}`);
          if (look === "newest") await images.refresh(name, { signal: terminal.signal, report });
          return [name, (await images.idOf(name)) ?? name] as const;
        }),
      );
      return (name) => new Map(ids).get(name) ?? name;
    },
    keepSecrets: (instance, values, look) => {
      const nameOf = (variable: string) =>
        `${variable.toLowerCase().replaceAll(/[^a-z0-9]/g, "_")}_${secrets.fingerprint(`${variable}\0${values[variable] ?? ""}`)}`;
      if (look === "newest") {
        for (const [variable, value] of Object.entries(values)) {
          secrets.put({ instance, secret: nameOf(variable), value });
        }
      }
      return (variable) => secretMark(nameOf(variable));
    },
    forgetSecrets: (instance) => secrets.remove(instance),
    close: () => store.close(),
  };
}

const notHere = (what: string) =>
  Promise.reject(new Problem("invalid_input", `a plain Compose project has no ${what}`));

/** A plain project has no host names. */
const nowhere = (dataDirectory: string): BeaconFacts => ({
  domain: "invalid",
  address: "0.0.0.0",
  httpPort: 80,
  httpsPort: 443,
  certificates: "internal",
  caddyDirectory: dataDirectory,
});
