import { z } from "zod";

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** What a form can draw of a module's parameters; see `Manifest.parameters`. */
const ParameterField = z.object({
  type: z.enum(["string", "integer", "number", "boolean"]),
  title: z.string(),
  description: z.string().optional(),
  default: Scalar.optional(),
  enum: z.array(Scalar).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
});
const ParameterSchema = z.object({
  properties: z.record(z.string(), ParameterField).default({}),
  required: z.array(z.string()).default([]),
});

export interface ParameterField extends z.output<typeof ParameterField> {
  readonly name: string;
  readonly required: boolean;
}

/** Texts as they stand in the inputs; a checkbox is `"true"` or `"false"`. */
export type Entries = Readonly<Record<string, string>>;

/** The fields of a module's form, those that must be filled in first. A schema that cannot be drawn gives none. */
export function parameterFields(schema: unknown): readonly ParameterField[] {
  const parsed = ParameterSchema.safeParse(schema);
  if (!parsed.success) return [];
  const { properties, required } = parsed.data;
  return Object.entries(properties)
    .map(([name, field]) => ({ ...field, name, required: required.includes(name) }))
    .sort((a, b) => Number(b.required) - Number(a.required));
}

export const initialEntries = (fields: readonly ParameterField[]): Entries =>
  Object.fromEntries(fields.map((field) => [field.name, field.default === undefined ? "" : String(field.default)]));

/** The entries of an installed app: what is set, and the defaults of the rest. */
export const presentEntries = (fields: readonly ParameterField[], set: Readonly<Record<string, unknown>>): Entries => ({
  ...initialEntries(fields),
  ...Object.fromEntries(
    fields.flatMap(({ name }) => (Object.hasOwn(set, name) ? [[name, String(set[name])] as const] : [])),
  ),
});

/** What is wrong with an entry, as the reader needs to hear it; `undefined` when it is fine. */
export function entryProblem(field: ParameterField, entry: string): string | undefined {
  if (field.type === "boolean") return undefined;
  if (entry === "") return field.required ? "This is needed." : undefined;
  if (field.enum !== undefined) {
    return field.enum.map(String).includes(entry) ? undefined : "Choose one of the list.";
  }
  return field.type === "string" ? textProblem(field, entry) : numberProblem(field, Number(entry));
}

function textProblem({ minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern }: ParameterField, entry: string) {
  if (entry.length < minLength) return `At least ${minLength} characters.`;
  if (entry.length > maxLength) return `At most ${maxLength} characters.`;
  if (pattern !== undefined && !new RegExp(pattern, "u").test(entry)) return "This is not in the expected form.";
  return undefined;
}

function numberProblem({ type, minimum, maximum }: ParameterField, value: number) {
  if (!Number.isFinite(value)) return "A number is needed.";
  if (type === "integer" && !Number.isInteger(value)) return "A whole number is needed.";
  if (minimum !== undefined && value < minimum) return `At least ${minimum}.`;
  if (maximum !== undefined && value > maximum) return `At most ${maximum}.`;
  return undefined;
}

/** The parameters that the entries stand for; those left empty are left out. */
export const parametersOf = (fields: readonly ParameterField[], entries: Entries): Record<string, unknown> =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const entry = entries[field.name] ?? "";
      if (entry === "" && field.type !== "boolean") return [];
      return [[field.name, parameterValue(field, entry)]];
    }),
  );

/** As `parametersOf`, for an installed app: what was emptied goes back to its default. */
export const settingsOf = (fields: readonly ParameterField[], entries: Entries): Record<string, unknown> => ({
  ...Object.fromEntries(fields.map(({ name }) => [name, null])),
  ...parametersOf(fields, entries),
});

function parameterValue({ type, enum: choices }: ParameterField, entry: string) {
  if (choices !== undefined) return choices.find((choice) => String(choice) === entry);
  if (type === "boolean") return entry === "true";
  return type === "string" ? entry : Number(entry);
}
