import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SPECS } from "../contract.ts";
import type { JsonObject } from "../normal-schemas.ts";

const Json: z.ZodType<JsonObject> = z.record(z.string(), z.unknown());
const Fixtures = z.object({ resources: z.record(z.string(), Json) });
const Schema = z.object({
  $ref: z.string().optional(),
  type: z
    .union([z.string(), z.array(z.string())])
    .transform((type) => [type].flat())
    .default([]),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(Json).optional(),
  required: z.array(z.string()).default([]),
  properties: z.record(z.string(), Json).default({}),
});
const Described = z.object({ components: z.object({ schemas: z.record(z.string(), Json) }) });

/** Makes an object of one of Stripe's kinds in which everything stands that has to: null where that is allowed. */
export type Seed = (kind: {
  /** Its name in Stripe's description. */
  readonly described: string;
  /** Its name in Stripe's fixtures, which is its `object` too. */
  readonly fixture: string;
  /** What the simulator knows of it. */
  readonly own: z.ZodType;
}) => JsonObject;

/** Fills in a schema. @param like Where there is no null, what stands here. */
function blankOf(raw: JsonObject, like: unknown, named: (name: string) => JsonObject): unknown {
  const schema = Schema.parse(raw);
  if (schema.$ref !== undefined) return blankOf(named(schema.$ref.split("/").at(-1) ?? ""), like, named);
  const options = schema.anyOf ?? [];
  if (options.some(({ type }) => type === "null") || schema.type.includes("null")) return null;
  const [type = ""] = schema.type;
  if (options[0] !== undefined) return blankOf(options[0], like, named);
  if (schema.enum !== undefined) return schema.enum.includes(like) ? like : schema.enum[0];
  if (type === "array") return [];
  if (type !== "object") return like ?? { string: "", number: 0, boolean: false }[type] ?? null;
  const known = Json.safeParse(like).data ?? {};
  return Object.fromEntries(
    schema.required.map((name) => [name, blankOf(schema.properties[name] ?? {}, known[name], named)]),
  );
}

/**
 * Objects as Stripe's own fixtures have them, with what the API has got since then by its description. What may be null is null: the
 * fixtures fill everything in, whether it goes together or not.
 */
export function openSeeds(): Seed {
  const { schemas } = Described.parse(read("stripe-reduced.json")).components;
  const { resources } = Fixtures.parse(read("stripe-fixtures3.json"));
  return ({ described, fixture }) => {
    const schema = schemas[described];
    if (schema === undefined) throw new Error(`Stripe's description has no ${described}`);
    return Json.parse(blankOf(schema, resources[fixture], (name) => schemas[name] ?? {}));
  };
}

/** Objects with what the simulator itself knows of them, and nothing else: for machines that have no description of Stripe's. */
export const blankSeeds: Seed = ({ fixture, own }) => ({
  ...Json.parse(blankOf(Json.parse(z.toJSONSchema(own, { io: "input" })), undefined, () => ({}))),
  object: fixture,
});

const read = (file: string): unknown => JSON.parse(readFileSync(join(SPECS, file), "utf8"));
