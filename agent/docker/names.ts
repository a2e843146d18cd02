/** Labels of everything that an agent makes in Docker. Only what carries its scope is its own. */
export const labels = {
  scope: "wopr.scope",
  instance: "wopr.instance",
  service: "wopr.service",
  /** Hash of the `ContainerSpec`. */
  spec: "wopr.spec",
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
}

/** Logical names to Docker's, which all beacons of one engine share. Docker allows `[a-zA-Z0-9][a-zA-Z0-9_.-]*`. */
export interface DockerNames {
  readonly scope: string;
  /** Name of a container that is whole. */
  readonly container: (part: Part) => string;
  /** Name of a container until its files and networks are there: the change of name is what makes it count. */
  readonly unfinished: (part: Part) => string;
  readonly volume: (logical: string) => string;
  readonly network: (logical: string) => string;
  /** Filter for every listing. */
  readonly filters: { readonly label: string[] };
  readonly partFilters: (part: { instance: string; service?: string | undefined }) => { readonly label: string[] };
}

export function dockerNames(scope: string): DockerNames {
  const scoped = (logical: string) => `${scope}_${logical.replaceAll("/", "_")}`;
  const ours = `${labels.scope}=${scope}`;
  return {
    scope,
    container: ({ instance, service }) => scoped(`${instance}/${service}`),
    unfinished: ({ instance, service }) => `${scoped(`${instance}/${service}`)}.unfinished`,
    volume: scoped,
    network: scoped,
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
