import type { ModuleSummary } from "#shared/api/beacon.ts";
import { Field } from "../components/field.tsx";
import { formatSize } from "../format.ts";
import type { InstallDraft } from "./install-draft.ts";
import { instanceNameProblem } from "./instance-name.ts";
import { ModuleMark } from "./module-mark.tsx";
import { parameterFields } from "./parameter-fields.ts";
import { ParameterInput } from "./parameter-input.tsx";
import "./module-form.css";

export interface ModuleFormProps {
  readonly id: string;
  readonly module: ModuleSummary;
  readonly draft: InstallDraft;
  readonly domain: string;
  readonly taken: readonly string[];
  readonly strict: boolean;
  readonly onChange: (draft: InstallDraft) => void;
  readonly onSubmit: () => void;
}

/** What has to be settled before an app is installed: its name, which is its address too, and its parameters. */
export function ModuleForm(props: ModuleFormProps) {
  const { id, module, draft, domain, taken, strict, onChange, onSubmit } = props;
  return (
    <form
      id={id}
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <div class="module-intro">
        <ModuleMark module={module.id} title={module.title} />
        <div>
          <p>{module.description}</p>
          <p class="faint">
            About {formatSize(module.memoryMb * 1024 * 1024)} of memory
            {module.replaces.length === 0 ? "" : ` · instead of ${module.replaces.join(", ")}`}
          </p>
        </div>
      </div>
      <Field label="Name" note="Also the first part of its address." wrong={instanceNameProblem(draft.instance, taken)}>
        {(input) => (
          <div class="input-affix">
            <input
              {...input}
              class="input mono"
              value={draft.instance}
              autocomplete="off"
              spellcheck={false}
              maxLength={40}
              onInput={(event) => onChange({ ...draft, instance: event.currentTarget.value.toLowerCase() })}
            />
            <span class="affix mono truncate">.{domain}</span>
          </div>
        )}
      </Field>
      {parameterFields(module.parameters).map((field) => (
        <ParameterInput
          key={field.name}
          field={field}
          entry={draft.entries[field.name] ?? ""}
          strict={strict}
          onInput={(entry) => onChange({ ...draft, entries: { ...draft.entries, [field.name]: entry } })}
        />
      ))}
    </form>
  );
}
