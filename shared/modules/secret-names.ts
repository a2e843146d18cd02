/** How often each secret of an instance was made anew; 1 where it says nothing. */
export type SecretGenerations = Readonly<Record<string, number>>;

/** Name under which a secret is kept, and stands in marks: each generation is another secret, so that none is lost. */
export const secretName = (secret: string, generations: SecretGenerations = {}): string => {
  const generation = generations[secret] ?? 1;
  return generation === 1 ? secret : `${secret}@${generation}`;
};

/** The other way round. */
export function parseSecretName(name: string): { readonly secret: string; readonly generation: number } {
  const [secret = "", generation = "1"] = name.split("@");
  return { secret, generation: Number(generation) };
}

/** The newest generations among the names of secrets that are there. */
export function newestGenerations(names: readonly string[]): SecretGenerations {
  const newest: Record<string, number> = {};
  for (const { secret, generation } of names.map(parseSecretName)) {
    if (generation > (newest[secret] ?? 1)) newest[secret] = generation;
  }
  return newest;
}
