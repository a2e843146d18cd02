import type { LifecycleKind } from "#shared/api/lifecycle.ts";
import type { Change } from "../change.ts";
import { deleteBeacon } from "./delete.ts";
import { rebuild } from "./rebuild.ts";
import { resize } from "./resize.ts";
import { resume } from "./resume.ts";
import { suspend } from "./suspend.ts";
import { transfer } from "./transfer.ts";

/** What is done for each change. A kind without an entry here does not compile. */
const changes: { readonly [Kind in LifecycleKind]: Change<Kind> } = {
  suspend,
  resume,
  resize,
  rebuild,
  transfer,
  delete: deleteBeacon,
};

export const changeOf = <Kind extends LifecycleKind>(kind: Kind): Change<Kind> => changes[kind];
