// @module-tag docker
import Dockerode from "dockerode";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { dockerNames, labels } from "#agent/docker/names.ts";
import { createDocker, type Docker } from "#agent/docker.ts";
import type { StandInMirror } from "#scripts/stand-ins.ts";
import { containerSpec } from "./container-spec.ts";
import { leftIn, removeScope, uniqueScope } from "./engine.ts";
import { APP, CREATED_BY, inspect, keep, problemOf, pullMisbehaving, socketPath } from "./with-docker.ts";

let mirror: StandInMirror;
let scope: string;
let docker: Docker;

beforeAll(async () => {
  mirror = await pullMisbehaving();
});
afterAll(() => mirror.stop());

beforeEach(() => {
  scope = uniqueScope();
  docker = createDocker({ socketPath, scope });
});
afterEach(() => removeScope(scope));

/** What is left when a process dies in the middle of asking for a network. Engines from 25 on refuse it but in a race. */
async function createTwin(network: string): Promise<void> {
  const Name = dockerNames(scope).network(network);
  const Labels = { [labels.scope]: scope, [labels.network]: network };
  await new Dockerode({ socketPath }).createNetwork({ Name, CheckDuplicate: false, Labels }).catch(() => undefined);
}

const spec = containerSpec({ entrypoint: ["sleep", "1000"], networks: { edge: ["web"], "app/inner": ["web"] } });

async function createNetworks(): Promise<void> {
  for (const network of ["edge", "app/inner"])
    await docker.networks.create({ network, internal: false, createdBy: CREATED_BY });
}

const names = () => [`${scope}_app_inner`, `${scope}_edge`];
const networks = async () => (await leftIn(scope)).networks.toSorted();
const create = () => docker.containers.create({ spec, createdBy: CREATED_BY, fill: keep });

test("a container starts although its networks got twins before it was made", async () => {
  await createNetworks();
  await createTwin("edge");
  await createTwin("app/inner");
  expect(await docker.networks.list()).toHaveLength(2);
  await create();
  await docker.containers.start(APP);
  expect((await docker.containers.find(APP))?.state).toBe("running");
  expect(await networks()).toEqual(names());
});

test("a container starts although its network got a twin after it was made", async () => {
  await createNetworks();
  await create();
  await createTwin("edge");
  await docker.containers.start(APP);
  expect(await networks()).toEqual(names());
});

test("the network that a container runs on is kept", async () => {
  await createNetworks();
  await create();
  await docker.containers.start(APP);
  const [running] = (await leftIn(scope)).containers;
  const before = await inspect(running ?? "");
  await createTwin("edge");
  await docker.containers.create({ spec: { ...spec, service: "other" }, createdBy: CREATED_BY, fill: keep });
  await docker.containers.start({ ...APP, service: "other" });
  expect(await networks()).toEqual(names());
  expect((await inspect(running ?? "")).NetworkSettings.Networks).toEqual(before.NetworkSettings.Networks);
});

test("twins are removed with the network", async () => {
  await createNetworks();
  await createTwin("edge");
  await docker.networks.remove("edge");
  expect(await networks()).toEqual([`${scope}_app_inner`]);
});

test("what the engine refuses for another reason is done once and said as it is", async () => {
  await createNetworks();
  const broken = { ...spec, entrypoint: ["/no/such/program"] };
  await docker.containers.create({ spec: broken, createdBy: CREATED_BY, fill: keep });
  expect((await problemOf(docker.containers.start(APP))).message).toContain("/no/such/program");
});
