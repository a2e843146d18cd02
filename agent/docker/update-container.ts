import { isDeepStrictEqual } from "node:util";
import { type ContainerSpec, containerName } from "#shared/container-spec.ts";
import { settingsOf } from "#shared/generation.ts";
import type { DockerConnection } from "./connection.ts";
import { networksOf, restartPolicy } from "./container-options.ts";
import type { ListedContainer } from "./find-container.ts";

/**
 * Brings limits, restart policy and networks of a container that exists to those of the spec, and says so in its name,
 * last of all: until then it counts as it was before, so that an update that was broken off is done again.
 * Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerUpdate
 */
export async function updateContainer(docker: DockerConnection, spec: ContainerSpec, found: ListedContainer) {
  const { engine, names, call } = docker;
  const what = `change the settings of ${containerName({ ...spec, replica: found.replica })}`;
  const container = engine.getContainer(found.id);
  await call(what, () =>
    container.update({
      RestartPolicy: { Name: restartPolicy(spec.restart) },
      // The engine refuses a limit above that of memory and swap together, which it set to twice the memory at first.
      ...(spec.memoryBytes === undefined ? {} : { Memory: spec.memoryBytes, MemorySwap: 2 * spec.memoryBytes }),
      ...(spec.cpus === undefined ? {} : { NanoCPUs: Math.round(spec.cpus * 1e9) }),
    }),
  );
  const info = await call(what, () => container.inspect());
  if (info === undefined) return;
  if (spec.ports.length === 0) await moveNetworks();
  const current = info.Name.slice(1);
  const name = `${current.replace(/\.s[0-9a-f]{8}$/, "")}.s${settingsOf(spec)}`;
  if (name !== current) await call(what, () => container.rename({ name }));

  /** Joins what is new before it leaves what is old: a moment in both does no harm, a moment in none does. */
  async function moveNetworks() {
    const joined = info?.NetworkSettings.Networks ?? {};
    const wanted = networksOf(spec, names);
    const leave = (name: string) => engine.getNetwork(name).disconnect({ Container: found.id, Force: true });
    for (const { name, aliases, endpoint } of wanted) {
      const now = joined[name];
      if (now !== undefined && isDeepStrictEqual(ownAliases(now.Aliases, found.id), aliases.toSorted())) continue;
      if (now !== undefined) await call(what, () => leave(name));
      await call(what, () => engine.getNetwork(name).connect({ Container: found.id, EndpointConfig: endpoint }));
    }
    for (const name of Object.keys(joined)) {
      if (!wanted.some((network) => network.name === name)) await call(what, () => leave(name), [404]);
    }
  }
}

/** The engine adds the short id of the container to its aliases. */
const ownAliases = (aliases: string[] | null | undefined, id: string) =>
  (aliases ?? []).filter((alias) => !id.startsWith(alias)).sort();
