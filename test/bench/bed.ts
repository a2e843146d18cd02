import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentConfig } from "#agent/config.ts";
import { ensureStandIns } from "#scripts/stand-ins.ts";
import { newConfig, removeBeacon, startEngine, type TestEngine } from "#test/agent/beacon.ts";
import { MISBEHAVING } from "#test/agent/docker/container-spec.ts";

export const IMAGE = MISBEHAVING;

/** A beacon to measure: an engine in this process on the machine's Docker, with modules of its own. */
export interface Bed {
  readonly config: AgentConfig;
  readonly engine: TestEngine;
  /** Carries a command out to its end. @returns how long that took, in milliseconds. @throws when it did not end well */
  readonly run: (name: string, input: Record<string, unknown>) => Promise<number>;
}

interface BedOptions {
  /** Stand-in images to bring. */
  readonly images: readonly string[];
  /** `compose.yaml` of each module, by id. */
  readonly modules: Readonly<Record<string, string>>;
  /** Modules of the product. */
  readonly core?: readonly string[];
}

/** Makes a beacon, has it measured, and removes all of it. */
export async function onBed<Result>(options: BedOptions, measure: (bed: Bed) => Promise<Result>): Promise<Result> {
  const mirror = await ensureStandIns({ log: () => undefined, only: [...options.images] });
  const config = await newConfig({ registryMirror: mirror.mirror });
  const modulesDirectory = join(config.dataDirectory, "bench-modules");
  putModules(modulesDirectory, options);
  const engine = startEngine({ ...config, modulesDirectory });
  try {
    return await measure({
      config,
      engine,
      run: async (name, input) => {
        const started = performance.now();
        const { state, problem } = await engine.run(name, input);
        if (state !== "done") throw new Error(`${name} ${JSON.stringify(input)}: ${JSON.stringify(problem)}`);
        return performance.now() - started;
      },
    });
  } finally {
    await engine.end();
    await mirror.stop();
    await removeBeacon(config);
  }
}

function putModules(folder: string, { modules, core = [] }: BedOptions) {
  mkdirSync(folder);
  for (const [id, compose] of Object.entries(modules)) {
    mkdirSync(join(folder, id));
    writeFileSync(join(folder, id, "module.yaml"), manifestOf(id));
    writeFileSync(join(folder, id, "compose.yaml"), compose);
  }
  const root = join(import.meta.dirname, "../..");
  for (const id of core) symlinkSync(join(root, "compose-modules", id), join(folder, id));
}

const manifestOf = (id: string) => `id: ${id}
version: 1.0.0
title: ${id}
category: developer
summary: To be measured.
description: To be measured.
replaces: []
addonCentsPerMonth: 0
resources: { memoryMb: 16, cpus: 0.1, diskMb: 1 }
sources: [https://example.org/bench]
`;
