import { z } from "zod";

/** One field of a form, drawn from the schema of what it fills in. */
export const FormField = z.object({
  name: z.string(),
  secret: z.boolean(),
  required: z.boolean(),
  default: z.string().optional(),
  /** All that it can be, where that is a choice. */
  options: z.array(z.string()).optional(),
});
export type FormField = z.output<typeof FormField>;

const Described = z.object({
  properties: z.record(z.string(), z.object({ default: z.string().optional(), enum: z.array(z.string()).optional() })),
  required: z.array(z.string()).default([]),
});

/** @param schema A strict object of texts @param secrets Names of those that nobody is shown again */
export function formFieldsOf(schema: z.ZodType, secrets: readonly string[]): FormField[] {
  const { properties, required } = Described.parse(z.toJSONSchema(schema, { io: "input" }));
  return Object.entries(properties).map(([name, described]) => ({
    name,
    secret: secrets.includes(name),
    required: required.includes(name),
    ...(described.default === undefined ? {} : { default: described.default }),
    ...(described.enum === undefined ? {} : { options: described.enum }),
  }));
}
