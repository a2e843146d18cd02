// @module-tag docker
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StandInMirror } from "#scripts/stand-ins.ts";
import { App, resolvedApp } from "#test/shared/app.ts";
import { MISBEHAVING } from "./docker/container-spec.ts";
import { docker as cli, leftIn, removeScope, uniqueScope, until } from "./docker/engine.ts";
import { inspect, pullMisbehaving } from "./docker/with-docker.ts";
import { type Place, reconcileTo, type Wanted } from "./reconciling.ts";

let mirror: StandInMirror;
beforeAll(async () => {
  mirror = await pullMisbehaving();
});
afterAll(() => mirror.stop());

/** An instance whose containers do nothing, are healthy at once and end at once. */
function idle(app: Record<string, unknown>): Exclude<Wanted, string> {
  const resolved = resolvedApp(App.parse(app));
  const containers = resolved.containers.map((spec) => ({
    ...spec,
    image: MISBEHAVING,
    entrypoint: ["sleep", "1000"],
    healthcheck: { test: ["CMD", "true"], intervalMs: 100, timeoutMs: 5000, retries: 3, startPeriodMs: 0 },
    stopGraceMs: 0,
    stopSignal: "SIGKILL",
  }));
  return { ...resolved, containers };
}

const scenarios: Record<string, { before: Wanted; wanted: Wanted }> = {
  install: {
    before: "removed",
    wanted: idle({ db: { volumes: ["data"], file: "settings" }, web: { after: ["db"] } }),
  },
  "change in place": {
    before: idle({ web: { memoryMb: 64, networks: ["app/a"] } }),
    wanted: idle({ web: { memoryMb: 128, networks: ["app/b"] } }),
  },
  "change, start first": {
    before: idle({ web: {} }),
    wanted: idle({ web: { environment: { A: "1" } } }),
  },
  "change, stop first": {
    before: idle({ web: { volumes: ["data"] } }),
    wanted: idle({ web: { volumes: ["data"], environment: { A: "1" } } }),
  },
  "scale up": { before: idle({ web: {} }), wanted: idle({ web: { replicas: 2 } }) },
  "scale down": { before: idle({ web: { replicas: 2 } }), wanted: idle({ web: {} }) },
  remove: { before: idle({ db: { volumes: ["data"] }, web: { after: ["db"] } }), wanted: "removed" },
};

const inOnePiece = (wanted: Wanted, place: Place) => reconcileTo(wanted, place, () => undefined);

/** Whether it was killed: a run that has fewer steps ends in peace. */
async function isKilledAfter(steps: number, wanted: Wanted, place: Place): Promise<boolean> {
  const script = join(import.meta.dirname, "reconcile-process.ts");
  const argv = [script, JSON.stringify(place), JSON.stringify(wanted), String(steps)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "inherit"] });
  await once(child, "exit");
  if (child.exitCode === 0) return false;
  expect(child.signalCode, `after step ${steps}`).toBe("SIGKILL");
  return true;
}

/** A container once the engine itself has checked it. */
const checked = (name: string) =>
  until(async () => {
    const info = await inspect(name);
    return info.State.Running && info.State.Health?.Status === "starting" ? undefined : info;
  });

/** All there is of ours, without names and times that may differ. */
async function stateOf(scope: string) {
  const { containers, networks, volumes } = await leftIn(scope);
  const seen = await Promise.all(containers.map(checked));
  const described = seen.map(({ Config, HostConfig, State, NetworkSettings, Mounts }) => ({
    labels: { ...Config.Labels, "wopr.settings": undefined },
    environment: Config.Env,
    status: State.Status,
    health: State.Health?.Status,
    memoryBytes: HostConfig.Memory,
    restart: HostConfig.RestartPolicy,
    networks: Object.keys(NetworkSettings.Networks).sort(),
    volumes: Mounts.map(({ Name }: { Name: string }) => Name).sort(),
  }));
  const key = (value: unknown) => JSON.stringify(value);
  return { containers: described.sort((a, b) => (key(a) < key(b) ? -1 : 1)), networks, volumes };
}

/** Things of others that look like ours, and what they are like now. */
async function plantForeign(scope: string) {
  const image = `${scope}/app:1`;
  const names = [`${scope}_app_web.unfinished2`, `${scope}_app_web.r9`, `${scope}2_app_web`];
  const label = ["--label", "wopr.scope=another", "--label", "wopr.instance=app", "--label", "wopr.service=web"];
  await cli("tag", MISBEHAVING, image);
  for (const name of names)
    await cli("run", "--detach", "--no-healthcheck", "--name", name, ...label, "--entrypoint", "sleep", image, "1000");
  await cli("network", "create", ...label, `${scope}_app_default2`);
  await cli("volume", "create", ...label, `${scope}_app_data2`);
  const look = async () => ({
    containers: await Promise.all(names.map(inspect)),
    network: await inspect(`${scope}_app_default2`),
    volume: await inspect(`${scope}_app_data2`),
    image: (await inspect(image)).Id,
  });
  const remove = async () => {
    await cli("rm", "--force", ...names);
    await cli("network", "rm", `${scope}_app_default2`);
    await cli("volume", "rm", `${scope}_app_data2`);
    await cli("rmi", image);
  };
  return { look, remove };
}

describe.concurrent("killed after every single step", () => {
  test.for(Object.entries(scenarios))("of: %s", { timeout: 600_000 }, async ([, { before, wanted }], { expect }) => {
    const scope = uniqueScope();
    const place = { scope, dataDirectory: mkdtempSync(join(tmpdir(), "wopr-killed-")) };
    const foreign = await plantForeign(scope);
    try {
      const untouched = await foreign.look();
      await inOnePiece(before, place);
      const steps = await inOnePiece(wanted, place);
      const end = await stateOf(scope);
      // How many steps there are is not the same each time: who looks a moment later need not wait for a container's health.
      let step = 0;
      let wasKilled = true;
      while (wasKilled) {
        step += 1;
        await inOnePiece(before, place);
        wasKilled = await isKilledAfter(step, wanted, place);
        await inOnePiece(wanted, place);
        expect(await stateOf(scope), `after step ${step}`).toEqual(end);
      }
      expect(steps).toBeGreaterThan(2);
      expect(step).toBeGreaterThan(steps - end.containers.length);
      await inOnePiece("removed", place);
      expect(await leftIn(scope)).toEqual({ containers: [], networks: [], volumes: [] });
      expect(await foreign.look()).toEqual(untouched);
    } finally {
      await removeScope(scope);
      await foreign.remove();
      rmSync(place.dataDirectory, { recursive: true, force: true });
    }
  });
});
