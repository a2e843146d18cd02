import type { CommandRequest, ModuleSummary } from "#shared/api/beacon.ts";
import { freeInstanceName, instanceNameProblem } from "./instance-name.ts";
import { type Entries, entryProblem, initialEntries, parameterFields, parametersOf } from "./parameter-fields.ts";

/** What the reader has settled so far about an app to install. */
export interface InstallDraft {
  readonly instance: string;
  readonly entries: Entries;
}

export const draftOf = (module: ModuleSummary, taken: readonly string[]): InstallDraft => ({
  instance: freeInstanceName(module.id, taken),
  entries: initialEntries(parameterFields(module.parameters)),
});

export const draftIsFine = (module: ModuleSummary, draft: InstallDraft, taken: readonly string[]): boolean =>
  instanceNameProblem(draft.instance, taken) === undefined &&
  parameterFields(module.parameters).every(
    (field) => entryProblem(field, draft.entries[field.name] ?? "") === undefined,
  );

export const installRequest = (module: ModuleSummary, { instance, entries }: InstallDraft): CommandRequest => ({
  name: "module.install",
  input: { module: module.id, instance, parameters: parametersOf(parameterFields(module.parameters), entries) },
});
