// @module-tag docker
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createDocker, type Docker } from "#agent/docker.ts";
import type { StandInMirror } from "#scripts/stand-ins.ts";
import { ASIDE, generationOf, settingsOf } from "#shared/generation.ts";
import { containerSpec } from "./container-spec.ts";
import { docker as cli, removeScope, uniqueScope } from "./engine.ts";
import { APP, CREATED_BY, inspect, keep, pullMisbehaving, socketPath } from "./with-docker.ts";

let mirror: StandInMirror;
let scope: string;
let docker: Docker;

beforeAll(async () => {
  mirror = await pullMisbehaving();
});
afterAll(() => mirror.stop());

beforeEach(async () => {
  scope = uniqueScope();
  docker = createDocker({ socketPath, scope });
  for (const network of ["data", "edge", "app/inner"]) {
    await docker.networks.create({ network, internal: false, createdBy: CREATED_BY });
  }
});
afterEach(() => removeScope(scope));

const create = (spec: ReturnType<typeof containerSpec>, replica = 1) =>
  docker.containers.create({ spec, replica, createdBy: CREATED_BY, fill: keep });

const megabytes = (count: number) => count * 2 ** 20;

const before = containerSpec({
  memoryBytes: megabytes(64),
  cpus: 0.5,
  restart: "no",
  networks: { data: ["web"], "app/inner": ["web"] },
});
const after = containerSpec({
  memoryBytes: megabytes(256),
  cpus: 1.5,
  restart: "always",
  networks: { edge: ["web.app"], "app/inner": ["web", "too"] },
});

test("limits, restart policy, networks and aliases change while the container runs on", async () => {
  await create(before);
  await docker.containers.start(APP);
  const { Id, State } = await inspect(`${scope}_app_web`);
  expect(generationOf(after)).toBe(generationOf(before));
  for (const _twice of [1, 2]) await docker.containers.update({ spec: after });

  const [seen, ...others] = await docker.containers.list();
  expect(others).toEqual([]);
  expect(seen).toMatchObject({
    id: Id,
    generation: generationOf(after),
    settings: settingsOf(after),
    state: "running",
  });
  const info = await inspect(Id);
  expect(info.State.StartedAt).toBe(State.StartedAt);
  expect(info.HostConfig).toMatchObject({
    Memory: megabytes(256),
    NanoCpus: 1.5e9,
    RestartPolicy: { Name: "unless-stopped" },
  });
  const { Networks } = info.NetworkSettings;
  expect(Object.keys(Networks).sort()).toEqual([`${scope}_app_inner`, `${scope}_edge`]);
  expect(Networks[`${scope}_app_inner`].Aliases).toEqual(expect.arrayContaining(["web", "too"]));

  // The network that it was created in is gone, and it starts all the same.
  await docker.networks.remove("data");
  await docker.containers.stop(APP);
  await docker.containers.start(APP);
  expect((await docker.containers.find(APP))?.state).toBe("running");
});

test("one that was broken off counts as it was before, and is done again", async () => {
  await create(before);
  await cli("update", "--memory", "256m", "--memory-swap", "512m", `${scope}_app_web`);
  await cli("network", "connect", `${scope}_edge`, `${scope}_app_web`);
  expect((await docker.containers.find(APP))?.settings).toBe(settingsOf(before));
  await docker.containers.update({ spec: after });
  expect((await docker.containers.find(APP))?.settings).toBe(settingsOf(after));
  await docker.containers.update({ spec: before });
  expect((await docker.containers.find(APP))?.settings).toBe(settingsOf(before));
  expect(
    Object.keys((await inspect((await docker.containers.find(APP))?.id ?? "")).NetworkSettings.Networks),
  ).toHaveLength(2);
});

test("two generations and two replicas stand side by side, each found for itself", async () => {
  const newer = containerSpec({ ...before, environment: { VERSION: "2" } });
  await create(before);
  await docker.containers.start(APP);
  await create(newer);
  await create(newer, 2);
  expect(await docker.containers.list()).toHaveLength(3);
  // What runs is what is meant, as long as nobody says otherwise.
  expect((await docker.containers.find(APP))?.generation).toBe(generationOf(before));
  await docker.containers.start({ ...APP, replica: 1, generation: generationOf(newer) });
  await docker.containers.remove({ ...APP, replica: 1, generation: generationOf(before) });
  expect(await docker.containers.find({ ...APP, replica: 1 })).toMatchObject({
    generation: generationOf(newer),
    state: "running",
  });
  const third = containerSpec({ ...before, environment: { VERSION: "3" } });
  await create(third);
  expect((await docker.containers.list()).map(({ replica }) => replica).sort()).toEqual([1, 1, 2]);
});

test("one that is created aside has no name until it is given its settings, time after time", async () => {
  await create(before);
  await docker.containers.start(APP);
  for (const answer of ["a", "b", "c"]) {
    const [former] = await docker.containers.list();
    const next = { ...before, environment: { ANSWER: answer } };
    await docker.containers.create({ spec: next, aside: true, createdBy: CREATED_BY, fill: keep });
    const part = { ...APP, replica: 1, generation: generationOf(next) };
    await docker.containers.start(part);
    const aside = await docker.containers.find(part);
    expect(aside).toMatchObject({ settings: ASIDE, state: "running" });
    expect(await answering("web")).toEqual([former?.id]);

    for (const _twice of [1, 2]) await docker.containers.update({ spec: next });
    expect(await docker.containers.find(part)).toMatchObject({ id: aside?.id, settings: settingsOf(next) });
    expect(await answering("web")).toEqual([former?.id, aside?.id].toSorted());
    await docker.containers.remove({ ...APP, generation: former?.generation ?? "" });
  }
});

/** Ids of the containers that have the name in a network of theirs. */
async function answering(name: string): Promise<string[]> {
  const found = await Promise.all((await docker.containers.list()).map(({ id }) => inspect(id)));
  return found
    .filter(({ NetworkSettings }) => {
      const { Aliases } = NetworkSettings.Networks[`${scope}_app_inner`];
      return (Aliases ?? []).includes(name);
    })
    .map(({ Id }) => Id)
    .toSorted();
}
