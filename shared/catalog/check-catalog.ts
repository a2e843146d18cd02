import { type Bundle, type ListedModule, type ShopCatalog, tierIds } from "./catalog.ts";
import { coreModuleIds } from "./module-directory.ts";
import { memoryNeedMb, offersOf, tierOf } from "./offer.ts";

type Modules = ReadonlyMap<string, ListedModule>;

/** Language models have no room beside the core modules on a smaller server. */
const OLLAMA = { id: "ollama", fromTier: "t2" } as const;

/**
 * What is wrong with a catalog, a sentence each that names it; nothing when it can be sold from. Pure.
 * @param modules All modules that there are or will be, by id.
 */
export function checkCatalog(catalog: ShopCatalog, modules: Modules): string[] {
  const missing = tierIds.filter((id) => !catalog.tiers.some((tier) => tier.id === id));
  if (missing.length > 0) return missing.map((id) => `there is no tier ${id}`);
  return [
    ...twice("tier", catalog.tiers),
    ...shrinking(catalog),
    ...twice("bundle", catalog.bundles),
    ...catalog.bundles.flatMap((bundle) => checkBundle(bundle, catalog, modules)),
    ...twice("add-on", catalog.addOns),
    ...catalog.addOns.flatMap((addOn) => [
      ...unknownOf(`add-on ${addOn.id}`, addOn.modules, modules),
      ...(addOn.modules.includes(OLLAMA.id) && addOn.fromTier === "t1"
        ? [`add-on ${addOn.id} has ollama, which is sold from tier ${OLLAMA.fromTier} on`]
        : []),
    ]),
    ...twice("storage", catalog.storage),
  ];
}

const twice = (what: string, all: readonly { readonly id: string }[]): string[] =>
  repeated(all.map(({ id }) => id)).map((id) => `${what} ${id} is there twice`);

const repeated = (ids: readonly string[]) => [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];

/** Whoever moves up must not get less. */
function shrinking(catalog: ShopCatalog): string[] {
  const inOrder = tierIds.map((id) => tierOf(catalog, id));
  return inOrder.flatMap((tier, at) => {
    const smaller = inOrder[at - 1];
    if (smaller === undefined) return [];
    return (["storageGb", "memoryMb", "backupDays"] as const)
      .filter((fact) => tier[fact] < smaller[fact])
      .map((fact) => `tier ${tier.id} has a smaller ${fact} (${tier[fact]}) than ${smaller.id} (${smaller[fact]})`);
  });
}

function checkBundle(bundle: Bundle, catalog: ShopCatalog, modules: Modules): string[] {
  const what = `bundle ${bundle.id}`;
  const core = bundle.modules.filter((id) => coreModuleIds.includes(id));
  const needMb = memoryNeedMb(bundle.modules, modules);
  return [
    ...unknownOf(what, bundle.modules, modules),
    ...repeated(bundle.modules).map((id) => `${what} has ${id} twice`),
    ...core.map((id) => `${what} counts ${id}, which every beacon has anyway`),
    ...(bundle.modules.length === bundle.appCount
      ? []
      : [`${what} promises ${bundle.appCount} apps and has ${bundle.modules.length}`]),
    ...offersOf(catalog, bundle).flatMap((offer) => [
      ...(offer.price === undefined ? [`${what} has no price at tier ${offer.tier}`] : []),
      ...(needMb > offer.memoryMb
        ? [`${what} needs ${needMb} MB of memory, and tier ${offer.tier} has ${offer.memoryMb}`]
        : []),
      ...(bundle.modules.includes(OLLAMA.id) && offer.tier === "t1"
        ? [`${what} has ollama at tier t1, and it is sold from tier ${OLLAMA.fromTier} on`]
        : []),
    ]),
  ];
}

const unknownOf = (what: string, ids: readonly string[], modules: Modules): string[] =>
  ids.filter((id) => !modules.has(id)).map((id) => `${what} names ${id}, which is no module`);
