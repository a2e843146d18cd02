import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { z } from "zod";
import { parseForm } from "./form.ts";
import { type JsonObject, normalSchemas } from "./normal-schemas.ts";

/** Where the vendors' published descriptions are: they are other people's data, and not part of this repository. */
export const SPECS = process.env.VENDOR_SPECS ?? join(import.meta.dirname, "../../../shared/specs");

/** One request as it came over the wire; `body` is parsed, and undefined where there is none. */
export interface SeenRequest {
  readonly method: string;
  /** Below the description's base path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface SeenReply {
  readonly status: number;
  readonly body: unknown;
}

/** What a vendor's description says of a request and of its answers. */
export interface Contract {
  /** What is wrong with a request; empty when nothing is. */
  request(request: SeenRequest): string[];
  /** What is wrong with the answer to one; empty when nothing is. */
  reply(request: Pick<SeenRequest, "method" | "path">, reply: SeenReply): string[];
}

export type Description = z.output<typeof Description>;
const Json: z.ZodType<JsonObject> = z.record(z.string(), z.unknown());
const Content = z.record(z.string(), z.object({ schema: Json.optional() }).loose());
const Parameter = z
  .object({
    name: z.string(),
    in: z.enum(["path", "query", "header", "cookie"]),
    required: z.boolean().default(false),
    style: z.string().optional(),
    schema: Json.default({}),
  })
  .loose();
const Operation = z
  .object({
    parameters: z.array(Json).default([]),
    requestBody: z
      .object({ required: z.boolean().default(false), content: Content.default({}) })
      .loose()
      .optional(),
    responses: z.record(z.string(), Json),
  })
  .loose();
const Description = z
  .object({
    openapi: z.string(),
    paths: z.record(z.string(), z.record(z.string(), z.unknown())),
    components: Json.default({}),
  })
  .loose();

/** Whether the descriptions are there. With CI set they have to be. @throws {Error} where they have to be and are not */
export function hasContracts(): boolean {
  if (existsSync(SPECS)) return true;
  if (process.env.CI !== undefined) throw new Error(`VENDOR_SPECS: there are no vendors' descriptions in ${SPECS}`);
  return false;
}

/** Why tests that need them are left out, for `describe.skipIf`. */
export const NO_CONTRACTS = `there are no vendors' descriptions in ${SPECS}; set VENDOR_SPECS to a folder that has them`;

/**
 * Reads a vendor's OpenAPI description, 3.0 or 3.1.
 * @param vendor The start of the file's name, for example `hetzner`
 * @param mend Puts right what a description is known to have wrong, in place; each with its reason beside it.
 */
export function openContract(vendor: string, mend: (description: Description) => void = () => undefined): Contract {
  const description = Description.parse(JSON.parse(readFileSync(join(SPECS, `${vendor}-reduced.json`), "utf8")));
  mend(description);
  return contractOf(description);
}

/** The contract of a description that was read. */
export function contractOf(description: Description): Contract {
  const document = normalSchemas(description);
  // Descriptions know formats and keywords that JSON Schema does not, and patterns that are no Unicode ones.
  const options = { strict: false, unicodeRegExp: false, allErrors: true, logger: false } as const;
  const bodies = withFormats(new Ajv2020(options));
  // What stands in a URL or a form is text, whatever it means.
  const texts = withFormats(new Ajv2020({ ...options, coerceTypes: "array" }));
  for (const ajv of [bodies, texts]) ajv.addSchema({ ...document, $id: "vendor" });
  const templates = Object.keys(description.paths).map(readTemplate).sort(mostLiteralFirst);
  const checks = new Map<string, ValidateFunction>();

  const check = (ajv: Ajv2020, pointer: readonly string[], value: unknown, what: string): string[] => {
    const ref = `vendor#/${pointer.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/")}`;
    const key = `${ajv === texts ? "text" : "body"} ${ref}`;
    const validate = checks.get(key) ?? ajv.compile({ $ref: ref });
    checks.set(key, validate);
    if (validate(structuredClone(value))) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${what}${instancePath}: ${message} ${JSON.stringify(params)}`,
    );
  };

  const find = ({ method, path }: Pick<SeenRequest, "method" | "path">) => {
    for (const { template, pattern } of templates) {
      const match = pattern.exec(path);
      const item = description.paths[template];
      const raw = item?.[method.toLowerCase()];
      if (match === null || raw === undefined) continue;
      const operation = Operation.parse(raw);
      const shared = z.array(Json).default([]).parse(item?.parameters);
      const own = ["paths", template, method.toLowerCase()];
      return { operation, own, template, values: match.groups ?? {}, parameters: [...shared, ...operation.parameters] };
    }
    return undefined;
  };

  const deref = (part: JsonObject): { value: JsonObject; pointer?: string[] } => {
    if (typeof part.$ref !== "string") return { value: part };
    const pointer = part.$ref
      .slice(2)
      .split("/")
      .map((one) => decodeURIComponent(one).replaceAll("~1", "/").replaceAll("~0", "~"));
    const value = pointer.reduce<unknown>((at, name) => Json.parse(at)[name], document);
    return { value: Json.parse(value), pointer };
  };

  const parametersOf = (list: readonly JsonObject[]) => list.map((part) => Parameter.parse(deref(part).value));

  return {
    request: (request) => {
      const found = find(request);
      const what = `${request.method} ${request.path}`;
      if (found === undefined) return [`${what} is not described`];
      const parameters = parametersOf(found.parameters);
      const problems: string[] = [];
      for (const { name, in: place, required, style, schema } of parameters) {
        const given = {
          path: () => found.values[groupOf(name)],
          query: () =>
            style === "deepObject" ? parseForm(request.query.toString())[name] : many(request.query.getAll(name)),
          header: () => request.headers.get(name) ?? undefined,
          cookie: () => undefined,
        }[place]();
        if (given === undefined && required) problems.push(`${what}: there is no ${place} parameter ${name}`);
        if (given === undefined) continue;
        const validate = texts.compile({ type: "object", properties: { value: inDocument(schema) } });
        if (!validate({ value: given }))
          problems.push(`${what}: ${place} parameter ${name}: ${texts.errorsText(validate.errors)}`);
      }
      const ofQuery = parameters.filter((one) => one.in === "query");
      const isKnown = (key: string) =>
        ofQuery.some(({ name, style }) => name === key || (style === "deepObject" && key.startsWith(`${name}[`)));
      for (const name of new Set(request.query.keys()))
        if (!isKnown(name)) problems.push(`${what}: the query parameter ${name} is not described`);

      const body = found.operation.requestBody;
      if (body === undefined) {
        if (request.body !== undefined) problems.push(`${what}: a body is not described`);
        return problems;
      }
      if (request.body === undefined) return body.required ? [...problems, `${what}: there is no body`] : problems;
      const type = request.headers.get("content-type")?.split(";")[0] ?? "";
      const declared = body.content[type];
      if (declared === undefined) return [...problems, `${what}: a body of ${type} is not described`];
      if (declared.schema === undefined) return problems;
      const pointer = [...found.own, "requestBody", "content", type, "schema"];
      return [...problems, ...check(type === "application/json" ? bodies : texts, pointer, request.body, what)];
    },

    reply: (request, { status, body }) => {
      const found = find(request);
      const what = `${request.method} ${request.path} → ${status}`;
      if (found === undefined) return [`${what}: is not described`];
      const { responses } = found.operation;
      const key = [String(status), `${String(status)[0]}XX`, "default"].find((one) => Object.hasOwn(responses, one));
      const declared = key === undefined ? undefined : responses[key];
      if (key === undefined || declared === undefined) return [`${what}: this status is not described`];
      const { value, pointer = [...found.own, "responses", key] } = deref(declared);
      const content = Content.default({}).parse(value.content);
      const type = Object.keys(content).find((one) => one.includes("json"));
      if (type === undefined) return body === undefined ? [] : [`${what}: a body is not described`];
      if (content[type]?.schema === undefined) return [];
      return check(bodies, [...pointer, "content", type, "schema"], body, what);
    },
  };
}

/** Templates are `/servers/{id}/actions`. */
function readTemplate(template: string) {
  const source = template
    .split("/")
    .map((part) =>
      part
        .replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&")
        .replaceAll(/\{([^}]+)\}/g, (_whole, name) => `(?<${groupOf(name)}>[^/]+)`),
    );
  return { template, pattern: new RegExp(`^${source.join("/")}$`) };
}

const groupOf = (name: string) => `p_${name.replaceAll(/\W/g, "_")}`;
const variables = ({ template }: { template: string }) => template.split("{").length;
const mostLiteralFirst = (a: { template: string }, b: { template: string }) => variables(a) - variables(b);
const many = (values: readonly string[]) => (values.length > 1 ? values : values[0]);

/** References within the description, as seen from outside of it. */
const inDocument = (schema: JsonObject): JsonObject =>
  Json.parse(JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"vendor#/')));

function withFormats(ajv: Ajv2020): Ajv2020 {
  addFormats.default(ajv);
  return ajv;
}
