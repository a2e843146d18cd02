import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SPECS } from "../contract.ts";
import type { JsonObject } from "../normal-schemas.ts";

const Json: z.ZodType<JsonObject> = z.record(z.string(), z.unknown());
const Fixtures = z.object({ resources: z.record(z.string(), Json) });
const Schema = z.object({
  $ref: z.string().optional(),
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(Json).optional(),
  required: z.array(z.string()).default([]),
  properties: z.record(z.string(), Json).default({}),
});
const Described = z.object({ components: z.object({ schemas: z.record(z.string(), Json) }) });

/** Makes an object of one of Stripe's kinds in which everything stands that has to: null where that is allowed. */
export type Seed = (schema: string, fixture: string) => JsonObject;

/**
 * Objects as Stripe's own fixtures have them, with what the API has got since then by its description. What may be null is null: the
 * fixtures fill everything in, whether it goes together or not.
 */
export function openSeeds(): Seed {
  const { schemas } = Described.parse(read("stripe-reduced.json")).components;
  const { resources } = Fixtures.parse(read("stripe-fixtures3.json"));

  const blankOf = (raw: JsonObject, like: unknown): unknown => {
    const schema = Schema.parse(raw);
    if (schema.$ref !== undefined) return blankOf(schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {}, like);
    const options = schema.anyOf ?? [];
    if (options.some(({ type }) => type === "null") || schema.type === "null") return null;
    if (options[0] !== undefined) return blankOf(options[0], like);
    if (schema.enum !== undefined) return schema.enum.includes(like) ? like : schema.enum[0];
    if (schema.type === "array") return [];
    if (schema.type !== "object") return like ?? { string: "", number: 0, boolean: false }[schema.type ?? ""] ?? null;
    const known = Json.safeParse(like).data ?? {};
    return Object.fromEntries(
      schema.required.map((name) => [name, blankOf(schema.properties[name] ?? {}, known[name])]),
    );
  };

  return (schema, fixture) => {
    const described = schemas[schema];
    if (described === undefined) throw new Error(`Stripe's description has no ${schema}`);
    return Json.parse(blankOf(described, resources[fixture]));
  };
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(SPECS, file), "utf8"));
