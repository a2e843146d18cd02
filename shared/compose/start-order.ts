import type { ComposeProject } from "./project.ts";
import type { ComposeService } from "./service.ts";

/**
 * Names of services so that each comes after those it depends on; ties in the order of the file.
 * @param onCircle Called with the names when services wait for each other; its result is thrown.
 */
export function startOrder(
  services: Readonly<Record<string, Pick<ComposeProject["services"][string], "depends_on">>>,
  onCircle: (names: readonly string[]) => Error,
): string[] {
  const ordered = new Set<string>();
  const visit = (name: string, trail: ReadonlySet<string>) => {
    if (ordered.has(name)) return;
    const names = [...trail, name];
    if (trail.has(name)) throw onCircle(names.slice(names.indexOf(name)));
    const service = Object.hasOwn(services, name) ? services[name] : undefined;
    if (service === undefined) return;
    for (const dependency of Object.keys(service.depends_on ?? {})) visit(dependency, new Set(names));
    ordered.add(name);
  };
  for (const name of Object.keys(services)) visit(name, new Set());
  return [...ordered];
}

/** The services of a project that was read, in the order in which they start. */
export const servicesInOrder = ({ services }: ComposeProject): (readonly [string, ComposeService])[] =>
  startOrder(services, () => new TypeError("services wait for each other")).flatMap((name) => {
    const service = services[name];
    return service === undefined ? [] : [[name, service] as const];
  });
