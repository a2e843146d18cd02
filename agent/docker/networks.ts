import { Problem } from "#shared/problem.ts";
import { createMutex } from "../mutex.ts";
import type { DockerConnection } from "./connection.ts";
import { labels } from "./names.ts";

export interface Networks {
  /** Logical names. */
  list(): Promise<string[]>;
  /** @throws {Problem} `conflict` when a network of that name is not ours */
  create(network: { network: string; internal: boolean; createdBy: string }): Promise<void>;
  remove(network: string): Promise<void>;
}

export function dockerNetworks({ engine, names, call }: DockerConnection): Networks {
  // The engine allows two networks of one name, and checks for one only as well as it can.
  const oneAtATime = createMutex();

  async function find(network: string) {
    const name = names.network(network);
    const found = await call("list networks", () => engine.listNetworks({ filters: { name: [name] } }));
    const known = found?.find(({ Name }) => Name === name);
    if (known === undefined || known.Labels?.[labels.scope] === names.scope) return known;
    throw new Problem("conflict", `the Docker network ${name} exists already and does not belong to WOPR`, {
      hint: `Remove or rename it: docker network rm ${name}.`,
    });
  }

  return {
    list: async () => {
      const found = await call("list networks", () => engine.listNetworks({ filters: names.filters }));
      return (found ?? []).flatMap(({ Labels }) => Labels?.[labels.network] ?? []);
    },

    create: ({ network, internal, createdBy }) =>
      oneAtATime(async () => {
        if ((await find(network)) !== undefined) return;
        await call(`create network ${network}`, () =>
          engine.createNetwork({
            Name: names.network(network),
            CheckDuplicate: true,
            Internal: internal,
            Labels: { [labels.scope]: names.scope, [labels.network]: network, [labels.createdBy]: createdBy },
          }),
        );
      }),

    remove: (network) =>
      oneAtATime(async () => {
        const known = await find(network);
        if (known === undefined) return;
        await call(`remove network ${network}`, () => engine.getNetwork(known.Id).remove(), [404]);
      }),
  };
}
