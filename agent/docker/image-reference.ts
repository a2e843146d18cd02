/** An image reference taken apart, with the defaults of Docker filled in. */
export interface ImageReference {
  /** `docker.io` when none is written. */
  readonly registry: string;
  /** Path in the registry, `library/redis` for `redis`. */
  readonly repository: string;
  /** `latest` when neither tag nor digest is written. */
  readonly tag?: string;
  readonly digest?: string;
}

/**
 * Takes an image reference apart.
 * Source of grammar and defaults: https://github.com/distribution/reference/blob/v0.6.0/normalize.go
 */
export function parseImageReference(text: string): ImageReference {
  const [named = "", digest] = text.split("@", 2);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const name = hasTag ? named.slice(0, colon) : named;
  const tag = hasTag ? named.slice(colon + 1) : digest === undefined ? "latest" : undefined;
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const hasRegistry = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  const registry = hasRegistry && first !== "index.docker.io" ? first : "docker.io";
  const path = hasRegistry ? name.slice(slash + 1) : name;
  return {
    registry,
    repository: registry === "docker.io" && !path.includes("/") ? `library/${path}` : path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** `:tag`, `@digest` or both, as they end a reference. */
export const referenceEnd = ({ tag, digest }: Pick<ImageReference, "tag" | "digest">): string =>
  `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;

/** The reference with nothing left out, for example `docker.io/library/redis:7`. */
export const canonicalReference = (reference: ImageReference): string =>
  `${reference.registry}/${reference.repository}${referenceEnd(reference)}`;

/** Every way to write a reference that Docker takes for the same image. */
export function spellings(text: string): string[] {
  const reference = parseImageReference(text);
  const { registry, repository } = reference;
  const official = repository.startsWith("library/") ? [repository.slice("library/".length)] : [];
  const names =
    registry === "docker.io"
      ? [repository, ...official].flatMap((name) => [name, `docker.io/${name}`, `index.docker.io/${name}`])
      : [`${registry}/${repository}`];
  const ends = [referenceEnd(reference), ...(reference.tag === "latest" ? [""] : [])];
  return names.flatMap((name) => ends.map((end) => name + end));
}

/** All references under which an image can be named, from the tags and digests that the engine lists for it. */
export function imageNames(tags: readonly string[], digests: readonly string[]): string[] {
  const both = digests.flatMap((digest) =>
    tags.filter((tag) => sameRepository(tag, digest)).map((tag) => `${tag}@${digest.split("@")[1]}`),
  );
  return [...tags, ...digests, ...both].flatMap(spellings);
}

function sameRepository(a: string, b: string): boolean {
  const [left, right] = [parseImageReference(a), parseImageReference(b)];
  return left.registry === right.registry && left.repository === right.repository;
}
