import type { Place } from "../yaml-place.ts";
import type { Model, Section } from "./load.ts";
import type { ComposeProject } from "./project.ts";

/** Finds where something of a project stands: in the last of its files that says it. */
export type PlaceOf = (path: readonly [Section, string, ...PropertyKey[]]) => Place;

/** A project in normal form, and the way back to the lines it was read from. */
export interface PlacedProject {
  readonly project: ComposeProject;
  readonly placeOf: PlaceOf;
}

export const placesIn =
  ({ parts }: Model): PlaceOf =>
  ([section, name, ...path]) => {
    const layers = parts[section].get(name) ?? [];
    const places = layers.map(({ place }) => place.find(path)).toReversed();
    const found = places.find(({ kind }) => kind !== "nothing") ?? places[0];
    if (found === undefined) throw new TypeError(`no file speaks of ${section}.${name}`);
    return found;
  };
