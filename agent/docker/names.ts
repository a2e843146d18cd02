import { flatContainerName, flatName } from "#shared/container-spec.ts";
import { exactNameIn } from "#shared/resource-spec.ts";

/** Labels of everything that an agent makes in Docker. Only what carries its scope is its own. */
export const labels = {
  scope: "wopr.scope",
  instance: "wopr.instance",
  service: "wopr.service",
  /** Which of several containers of the service, counted from 1. */
  replica: "wopr.replica",
  /** `generationOf` its spec. */
  generation: "wopr.generation",
  /** `settingsOf` the spec it was created from; a later one stands in its name. Of a network or volume: `resourceSettingsOf`. */
  settings: "wopr.settings",
  /** Logical name of a volume. */
  volume: "wopr.volume",
  /** Logical name of a network. */
  network: "wopr.network",
  /** Id of the command that made it. */
  createdBy: "wopr.created-by",
} as const;

export interface Part {
  readonly instance: string;
  readonly service: string;
  /** Any when absent. */
  readonly replica?: number;
  /** Any when absent. */
  readonly generation?: string;
}

/** Logical names to Docker's, which all beacons of one engine share. Docker allows `[a-zA-Z0-9][a-zA-Z0-9_.-]*`. */
export interface DockerNames {
  readonly scope: string;
  /**
   * Name of a container that is whole. While a former generation has it, the new one has `.g` and the beginning of its
   * generation after it; one whose settings were changed since it was created has `.s` and their hash at the end.
   */
  readonly container: (part: Part) => string;
  readonly besideFormer: (part: Part & { readonly generation: string }) => string;
  /** The settings that a container's name tells; undefined when the name is not that of a whole container. */
  readonly settingsIn: (name: string, part: Part) => string | "as created" | undefined;
  /** Name of a container until its files and networks are there: the change of name is what makes it count. */
  readonly unfinished: (part: Part) => string;
  readonly volume: (logical: string) => string;
  readonly network: (logical: string) => string;
  /** A name as it is after the scope, where it begins with that. */
  readonly withoutScope: (name: string) => string[];
  /** Filter for every listing. */
  readonly filters: { readonly label: string[] };
  readonly partFilters: (part: { instance: string; service?: string | undefined }) => { readonly label: string[] };
}

export function dockerNames(scope: string): DockerNames {
  const prefix = `${scope}_`;
  const scoped = (logical: string) => prefix + flatName(logical);
  const container = (part: Part) => prefix + flatContainerName(part);
  const ours = `${labels.scope}=${scope}`;
  return {
    scope,
    container,
    besideFormer: (part) => `${container(part)}.g${part.generation.slice(0, 8)}`,
    settingsIn: (name, part) => {
      if (!name.startsWith(container(part))) return undefined;
      const rest = /^(?:\.g[0-9a-f]{8})?(?:\.s([0-9a-f]{8}))?$/.exec(name.slice(container(part).length));
      return rest === null ? undefined : (rest[1] ?? "as created");
    },
    unfinished: (part) => `${container(part)}.unfinished`,
    volume: (logical) => exactNameIn(logical) ?? scoped(logical),
    network: (logical) => exactNameIn(logical) ?? scoped(logical),
    withoutScope: (name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []),
    filters: { label: [ours] },
    partFilters: ({ instance, service }) => ({
      label: [
        ours,
        `${labels.instance}=${instance}`,
        ...(service === undefined ? [] : [`${labels.service}=${service}`]),
      ],
    }),
  };
}
