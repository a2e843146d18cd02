export type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A copy of an OpenAPI description whose schemas are JSON Schema 2020-12, which those of OpenAPI 3.0 are not: `nullable`, and exclusive
 * bounds as booleans. https://www.openapis.org/blog/2021/02/16/migrating-from-openapi-3-0-to-3-1-0
 */
export function normalSchemas(description: JsonObject): JsonObject {
  const normal = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(normal);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, key === "enum" ? inner : normal(inner)]);
    return nullable(bounded(Object.fromEntries(entries)));
  };
  const copy = normal(description);
  if (!isObject(copy)) throw new Error("a description is an object");
  return copy;
}

/** `exclusiveMinimum: true` beside `minimum: 5` is `exclusiveMinimum: 5`. */
function bounded(schema: JsonObject): JsonObject {
  const result = { ...schema };
  for (const [exclusive, inclusive] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (typeof result[exclusive] !== "boolean") continue;
    if (result[exclusive] === true) {
      result[exclusive] = result[inclusive];
      delete result[inclusive];
    } else delete result[exclusive];
  }
  return result;
}

function nullable(schema: JsonObject): JsonObject {
  if (schema.nullable !== true) return schema;
  const { nullable: _, ...rest } = schema;
  return { anyOf: [rest, { type: "null" }] };
}
