import type { Manifest } from "#shared/modules/manifest.ts";

/** What an order, a handbook and a welcome mail need to know of a module. */
export type ModuleFacts = Pick<Manifest, "id" | "title" | "category" | "summary" | "signOn" | "firstSteps">;
