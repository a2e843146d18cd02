import { secretMark, secretMarks } from "../container-spec.ts";
import { ResolvedInstance } from "../instance.ts";
import { parseSecretName, type SecretGenerations, secretName } from "../modules/secret-names.ts";
import type { Observed } from "../observed.ts";
import { Problem } from "../problem.ts";
import type { Step } from "../steps.ts";

/**
 * The instance with a new generation of each of its secrets that may be another one, and nothing else changed.
 * @throws {Problem} `conflict` when there is none
 */
export function rotated(resolved: ResolvedInstance): ResolvedInstance {
  const { name, secretGenerations = {} } = resolved;
  const changing = resolved.secrets.filter(({ fixed }) => !fixed).map(({ secret }) => parseSecretName(secret));
  if (changing.length === 0) {
    throw new Problem("conflict", `${name} has no password that can be changed`, {
      hint: fixedSecrets(resolved).length === 0 ? "It has none at all." : keptSentence(resolved),
    });
  }
  const generations: SecretGenerations = {
    ...secretGenerations,
    ...Object.fromEntries(changing.map(({ secret, generation }) => [secret, generation + 1])),
  };
  const renamed = (secret: string) => secretName(parseSecretName(secret).secret, generations);
  const text = JSON.stringify(resolved.containers).replaceAll(secretMarks, (_mark, secret: string) =>
    secretMark(renamed(secret)),
  );
  const { database, redis } = resolved;
  return {
    ...resolved,
    containers: ResolvedInstance.shape.containers.parse(JSON.parse(text)),
    secrets: resolved.secrets.map((known) => ({ ...known, secret: renamed(known.secret) })),
    ...(database === undefined ? {} : { database: { ...database, secret: renamed(database.secret) } }),
    ...(redis === undefined ? {} : { redis: { ...redis, secret: renamed(redis.secret) } }),
    secretGenerations: generations,
  };
}

/** Steps to no secret that another generation has taken the place of. */
export function planFormerSecretsRemoved({ name, secrets }: ResolvedInstance, seen: Observed): Step[] {
  const wanted = new Set(secrets.map(({ secret }) => secret));
  const bases = new Set(secrets.map(({ secret }) => parseSecretName(secret).secret));
  return (seen.secrets[name] ?? [])
    .filter((secret) => bases.has(parseSecretName(secret).secret) && !wanted.has(secret))
    .map((secret) => ({ kind: "secret.remove", instance: name, secret }));
}

/** Secrets that the app cannot be given another one of. */
export const fixedSecrets = ({ secrets }: ResolvedInstance): string[] =>
  secrets.flatMap(({ secret, fixed }) => (fixed ? [secret] : []));

/** Says which secrets stay. */
export const keptSentence = (resolved: ResolvedInstance): string =>
  `${fixedSecrets(resolved).join(", ")} stays: ${resolved.title} takes no other one after its first start.`;
