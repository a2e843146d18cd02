import type { ContainerSpec } from "#shared/container-spec.ts";
import { containerName } from "#shared/container-spec.ts";
import { generationOf } from "#shared/generation.ts";
import { Problem } from "#shared/problem.ts";
import { tarOf } from "./archive.ts";
import type { DockerConnection } from "./connection.ts";
import { containerOptions, networksOf } from "./container-options.ts";
import {
  findContainer,
  type ListedContainer,
  listContainers,
  type Survey,
  surveyContainers,
  UNFINISHED,
} from "./find-container.ts";
import { labels, type Part } from "./names.ts";
import type { Networks } from "./networks.ts";
import { updateContainer } from "./update-container.ts";

export type { ListedContainer } from "./find-container.ts";

export interface CreateContainer {
  readonly spec: ContainerSpec;
  /** Counted from 1; 1 when absent. */
  readonly replica?: number;
  /** Under no name in its networks; settings that are given later give it one. */
  readonly aside?: true | undefined;
  readonly createdBy: string;
  /** Puts secrets where their marks are. */
  readonly fill: (text: string) => string;
}

export interface Containers {
  list(): Promise<ListedContainer[]>;
  survey(): Promise<Survey<ListedContainer>>;
  /** The container that is whole and serves, or what is left of an attempt to make one. */
  find(part: Part): Promise<ListedContainer | undefined>;
  /** @throws {Problem} `conflict` when a container of that name is not ours */
  create(container: CreateContainer): Promise<void>;
  /** Brings what can be changed on a container that exists to the spec. @throws {Problem} `not_found` */
  update(container: Pick<CreateContainer, "spec" | "replica">): Promise<void>;
  start(part: Part): Promise<void>;
  /** Asks it to end, and kills it after the grace period of its spec. */
  stop(part: Part): Promise<void>;
  /** Removes it with its anonymous volumes; named ones stay. */
  remove(part: Part): Promise<void>;
}

export function dockerContainers(
  docker: DockerConnection,
  { withoutTwins }: Pick<Networks, "withoutTwins">,
): Containers {
  const { engine, names, call } = docker;

  async function ours(part: Part): Promise<ListedContainer> {
    const found = await findContainer(docker, part);
    if (found !== undefined && found.generation !== UNFINISHED) return found;
    throw new Problem("not_found", `there is no container ${containerName(part)} on this beacon`);
  }

  /** Finds the containers whose namespaces are shared. */
  async function owners({ instance, engine: settings }: ContainerSpec): Promise<(service: string) => string> {
    const found = new Map<string, string>();
    for (const [service, generation] of Object.entries(settings?.namespaces ?? {})) {
      found.set(service, (await ours({ instance, service, generation })).id);
    }
    return (service) => found.get(service) ?? names.container({ instance, service });
  }

  async function removeAll(part: Part): Promise<void> {
    for (const { id } of await listContainers(docker, part)) {
      const removal = () => engine.getContainer(id).remove({ force: true, v: true });
      // 409: somebody else's removal of it is already under way.
      await call(`remove container ${containerName(part)}`, removal, [404, 409]);
    }
  }

  /** Whether one of ours has the name. */
  async function isTaken(name: string): Promise<boolean> {
    const info = await call(`look for container ${name}`, () => engine.getContainer(name).inspect(), [404]);
    if (info === undefined) return false;
    if (info.Config.Labels[labels.scope] === names.scope) return true;
    throw new Problem("conflict", `the Docker container ${name} exists already and does not belong to WOPR`, {
      hint: `Remove or rename it: docker rename ${name} ${name}-old.`,
    });
  }

  return {
    list: () => listContainers(docker),
    survey: () => surveyContainers(docker),
    find: (part) => findContainer(docker, part),

    create: async ({ spec, replica = 1, aside, createdBy, fill }) => {
      const part = { instance: spec.instance, service: spec.service, replica };
      const generation = generationOf(spec);
      const what = `create container ${containerName(part)}`;
      const [present, isNamed, hasDebris] = await Promise.all([
        listContainers(docker, part),
        isTaken(names.container(part)),
        isTaken(names.unfinished(part)),
      ]);
      if (present.some((known) => known.generation === generation && known.state !== "dead")) return;
      const idOf = await owners(spec);
      // A former one has another name once its settings were changed, and the new one may get the same.
      const hasFormer = isNamed || present.some((known) => known.generation !== UNFINISHED);
      if (hasDebris) await removeAll({ ...part, generation: UNFINISHED });
      const container = await call(what, () =>
        engine.createContainer(containerOptions({ spec, replica, aside, names, createdBy, fill, idOf })),
      );
      if (container === undefined) return;
      for (const { name, endpoint } of networksOf(spec, names, aside).slice(1)) {
        const connection = { Container: container.id, EndpointConfig: endpoint };
        await withoutTwins(() => call(what, () => engine.getNetwork(name).connect(connection)));
      }
      if (spec.files.length > 0) {
        const files = spec.files.map((file) => ({ ...file, content: fill(file.content) }));
        await call(what, () => container.putArchive(tarOf(files), { path: "/" }));
      }
      const name = hasFormer ? names.besideFormer({ ...part, generation }) : names.container(part);
      await call(what, () => container.rename({ name }));
    },

    update: async ({ spec, replica = 1 }) => {
      const part = { instance: spec.instance, service: spec.service, replica, generation: generationOf(spec) };
      const found = await ours(part);
      await withoutTwins(() => updateContainer(docker, spec, found));
    },

    start: async (part) => {
      const { id } = await ours(part);
      await withoutTwins(() => call(`start ${containerName(part)}`, () => engine.getContainer(id).start(), [304]));
    },

    stop: async (part) => {
      for (const { id } of await listContainers(docker, part)) {
        await call(`stop ${containerName(part)}`, () => engine.getContainer(id).stop(), [304, 404]);
      }
    },

    remove: removeAll,
  };
}
