import { z } from "zod";
import type { Description } from "../contract.ts";
import { describeFailures } from "../describe-failures.ts";

export const TOKEN_PATH = "/auth/realms/contabo/protocol/openid-connect/token";

const Properties = z.looseObject({ properties: z.record(z.string(), z.unknown()) });
const json = (schema: object) => ({ content: { "application/json": { schema } } });
const text = { type: "string" };

/** What the description of Contabo leaves out or has wrong. */
export function mendContabo(description: Description): void {
  const { paths, components } = description;
  // Its introduction lists the statuses of errors for all endpoints; their body is in
  // https://github.com/contabo/terraform-provider-contabo/blob/main/contabo/handleErrors.go
  const failure = json({
    type: "object",
    properties: { statusCode: { type: "integer" }, message: text },
    required: ["statusCode", "message"],
  });
  describeFailures(description, failure);
  // `pattern: yyyy-mm-dd` is no regular expression of a date, and what is not cancelled has none.
  const schemas = z.record(z.string(), z.unknown()).parse(components.schemas);
  for (const name of ["InstanceResponse", "ListInstancesResponseData"]) {
    const schema = schemas[name];
    if (typeof schema !== "object" || schema === null) continue;
    const { properties } = Properties.parse(schema);
    Object.assign(schema, {
      properties: { ...properties, cancelDate: { type: "string", pattern: "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" } },
    });
  }
  // Told in words and by example only: https://api.contabo.com/#section/Introduction/Getting-Started
  const fields = ["grant_type", "client_id", "client_secret", "username", "password"];
  const form = {
    type: "object",
    required: fields,
    properties: Object.fromEntries(fields.map((name) => [name, text])),
    additionalProperties: false,
  };
  const token = {
    type: "object",
    required: ["access_token", "expires_in"],
    properties: { access_token: text, expires_in: { type: "integer" } },
  };
  paths[TOKEN_PATH] = {
    post: {
      requestBody: { required: true, content: { "application/x-www-form-urlencoded": { schema: form } } },
      responses: { "200": json(token), "4XX": json({ type: "object", required: ["error"] }) },
    },
  };
}
