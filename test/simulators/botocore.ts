import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseXml, type XmlElement } from "#hub/dns/aws/xml.ts";
import { type Contract, type SeenRequest, SPECS } from "./contract.ts";

const Member = z.object({ shape: z.string(), location: z.string().optional(), locationName: z.string().optional() });
const Shape = z.object({
  type: z.string(),
  members: z.record(z.string(), Member).default({}),
  member: Member.optional(),
  required: z.array(z.string()).default([]),
  enum: z.array(z.string()).optional(),
  pattern: z.string().optional(),
  min: z.number().default(0),
  max: z.number().default(Number.POSITIVE_INFINITY),
  error: z.object({ httpStatusCode: z.number() }).optional(),
});
type Shape = z.output<typeof Shape>;
const Model = z.object({
  operations: z.record(
    z.string(),
    z.object({
      http: z.object({ method: z.string(), requestUri: z.string(), responseCode: z.number().default(200) }),
      input: z.object({ shape: z.string(), locationName: z.string().optional() }),
      output: z.object({ shape: z.string() }),
      errors: z.array(z.object({ shape: z.string() })).default([]),
    }),
  ),
  shapes: z.record(z.string(), Shape),
});

/**
 * What every operation of AWS may answer besides its own errors, with their status.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/CommonErrors.html
 */
const commonErrors: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  InvalidClientTokenId: 403,
  SignatureDoesNotMatch: 403,
  Throttling: 400,
};

/** The contract of a service of AWS that speaks REST-XML, as its service model has it. */
export function openBotocore(vendor: string): Contract {
  const { operations, shapes } = Model.parse(
    JSON.parse(readFileSync(join(SPECS, `${vendor}-botocore-reduced.json`), "utf8")),
  );
  const shapeOf = (name: string): Shape => {
    const shape = shapes[name];
    if (shape === undefined) throw new Error(`the model has no shape ${name}`);
    return shape;
  };

  const find = ({ method, path }: Pick<SeenRequest, "method" | "path">) => {
    for (const operation of Object.values(operations)) {
      const { http, input, output, errors } = operation;
      const pattern = http.requestUri.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
      const match = new RegExp(`^${pattern}$`).exec(path);
      if (match !== null && http.method === method) return { http, input, output, errors, uri: match.groups ?? {} };
    }
    return undefined;
  };

  const text = (shape: Shape, value: string, at: string): string[] => {
    if (["long", "integer"].includes(shape.type)) {
      const inRange = /^-?\d+$/.test(value) && Number(value) >= shape.min && Number(value) <= shape.max;
      return inRange ? [] : [`${at}: ${value} is no ${shape.type} from ${shape.min} to ${shape.max}`];
    }
    if (shape.type === "boolean") return ["true", "false"].includes(value) ? [] : [`${at}: ${value} is no boolean`];
    if (shape.type === "timestamp") return Number.isNaN(Date.parse(value)) ? [`${at}: ${value} is no time`] : [];
    if (shape.enum !== undefined && !shape.enum.includes(value)) return [`${at}: ${value} is none of ${shape.enum}`];
    if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`).test(value))
      return [`${at}: ${value} does not match`];
    return value.length < shape.min || value.length > shape.max ? [`${at}: ${value.length} characters`] : [];
  };

  const element = (name: string, xml: XmlElement, at: string): string[] => {
    const shape = shapeOf(name);
    if (shape.type === "list") {
      const { member } = shape;
      const wrong = xml.children.filter((child) => child.name !== member?.locationName);
      if (wrong.length > 0) return wrong.map((child) => `${at}: ${child.name} is not described`);
      if (xml.children.length < shape.min || xml.children.length > shape.max)
        return [`${at}: ${xml.children.length} of them`];
      return xml.children.flatMap((child, index) => element(member?.shape ?? "", child, `${at}[${index}]`));
    }
    if (shape.type !== "structure") return text(shape, xml.text, at);
    const members = Object.entries(shape.members)
      .filter(([, { location }]) => location === undefined)
      .map(([key, member]) => ({ key, name: member.locationName ?? key, shape: member.shape }));
    const order = members.map((member) => member.name);
    const given = xml.children.map((child) => child.name);
    const problems = members
      .filter((member) => shape.required.includes(member.key) && !given.includes(member.name))
      .map((member) => `${at}: there is no ${member.name}`);
    // "The XML elements in your request must appear in the order listed in the syntax."
    const sorted = [...given].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    if (sorted.join() !== given.join()) problems.push(`${at}: ${given} is not the order ${sorted}`);
    for (const child of xml.children) {
      const member = members.find((one) => one.name === child.name);
      problems.push(
        ...(member === undefined
          ? [`${at}: ${child.name} is not described`]
          : element(member.shape, child, `${at}/${child.name}`)),
      );
    }
    return problems;
  };

  const document = (shape: string, root: string, body: unknown, at: string): string[] => {
    const xml = parseXml(String(body));
    return xml.name === root ? element(shape, xml, at) : [`${at}: ${xml.name} instead of ${root}`];
  };

  return {
    request: (request) => {
      const found = find(request);
      const what = `${request.method} ${request.path}`;
      if (found === undefined) return [`${what} is not described`];
      const { members, required } = shapeOf(found.input.shape);
      const problems: string[] = [];
      for (const [key, { shape, location, locationName = key }] of Object.entries(members)) {
        if (location !== "uri" && location !== "querystring") continue;
        const value = location === "uri" ? found.uri[locationName] : request.query.get(locationName);
        if (typeof value === "string") problems.push(...text(shapeOf(shape), value, `${what} ${locationName}`));
        else if (required.includes(key)) problems.push(`${what}: there is no ${locationName}`);
      }
      const known = Object.values(members).filter(({ location }) => location === "querystring");
      for (const name of request.query.keys())
        if (!known.some(({ locationName }) => locationName === name))
          problems.push(`${what}: ${name} is not described`);
      const { locationName: root, shape } = found.input;
      if (root === undefined) return request.body === undefined ? problems : [...problems, `${what}: a body`];
      if (request.body === undefined) return [...problems, `${what}: there is no body`];
      return [...problems, ...document(shape, root, request.body, what)];
    },

    reply: (request, { status, body }) => {
      const found = find(request);
      const what = `${request.method} ${request.path} → ${status}`;
      if (found === undefined) return [`${what} is not described`];
      const { shape } = found.output;
      if (status === found.http.responseCode) return document(shape, shape, body, what);
      const answer = parseXml(String(body));
      const own = found.errors.map((one) => one.shape);
      const code = /<Code>(\w+)<\/Code>/.exec(String(body))?.[1] ?? "";
      const expected = own.includes(code) ? (shapeOf(code).error?.httpStatusCode ?? 400) : commonErrors[code];
      if (answer.name !== "ErrorResponse" || expected === undefined)
        return [`${what}: ${answer.name} ${code} is not described`];
      return expected === status ? [] : [`${what}: ${code} has the status ${expected}`];
    },
  };
}
