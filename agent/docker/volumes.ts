import type { ObservedVolume } from "#shared/observed.ts";
import { Problem } from "#shared/problem.ts";
import { resourceSettingsOf, type VolumeSettings } from "#shared/resource-spec.ts";
import type { DockerConnection } from "./connection.ts";
import type { Survey } from "./find-container.ts";
import { labels } from "./names.ts";

export interface Volumes {
  list(): Promise<ObservedVolume[]>;
  survey(): Promise<Survey<ObservedVolume>>;
  /** @throws {Problem} `conflict` when a volume of that name is not ours */
  create(volume: VolumeSettings & { volume: string; createdBy: string }): Promise<void>;
  remove(volume: string): Promise<void>;
}

export function dockerVolumes({ engine, names, call }: DockerConnection): Volumes {
  async function isThere(volume: string): Promise<boolean> {
    const name = names.volume(volume);
    const known = await call(`look for volume ${volume}`, () => engine.getVolume(name).inspect(), [404]);
    if (known === undefined) return false;
    if (known.Labels?.[labels.scope] === names.scope && known.Labels[labels.volume] === volume) return true;
    throw new Problem("conflict", `the Docker volume ${name} exists already and does not belong to WOPR`, {
      hint: "Choose another name for the instance, or move the data elsewhere and remove the volume.",
    });
  }

  async function survey(): Promise<Survey<ObservedVolume>> {
    const found = (await call("list volumes", () => engine.listVolumes()))?.Volumes ?? [];
    const ours = found.filter(({ Labels }) => Labels?.[labels.scope] === names.scope);
    return {
      ours: ours.flatMap(({ Labels }) => {
        const volume = Labels?.[labels.volume];
        return volume === undefined ? [] : [{ volume, createdBy: Labels[labels.createdBy] ?? "" }];
      }),
      foreign: found.filter((volume) => !ours.includes(volume)).flatMap(({ Name }) => names.withoutScope(Name)),
    };
  }

  return {
    list: async () => (await survey()).ours,
    survey,

    create: async ({ volume, createdBy, ...settings }) => {
      if (await isThere(volume)) return;
      await call(`create volume ${volume}`, () =>
        engine.createVolume({
          Name: names.volume(volume),
          ...(settings.driver === undefined ? {} : { Driver: settings.driver }),
          ...(settings.driverOptions === undefined ? {} : { DriverOpts: settings.driverOptions }),
          Labels: {
            ...settings.labels,
            [labels.scope]: names.scope,
            [labels.volume]: volume,
            [labels.settings]: resourceSettingsOf(settings),
            [labels.createdBy]: createdBy,
          },
        }),
      );
    },

    remove: async (volume) => {
      if (!(await isThere(volume))) return;
      await call(`remove volume ${volume}`, () => engine.getVolume(names.volume(volume)).remove(), [404]);
    },
  };
}
