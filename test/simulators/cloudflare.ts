import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { type Description, openContract } from "./contract.ts";
import { type Fault, type Simulator, startSimulator } from "./simulator.ts";

const Record = z.object({
  type: z.string(),
  name: z.string(),
  content: z.string(),
  ttl: z.number().default(1),
  proxied: z.boolean().default(false),
  comment: z.string().optional(),
});
type Stored = z.output<typeof Record> & { readonly id: string };

export interface CloudflareOptions {
  readonly token: string;
  readonly zone: string;
  /** Told of each record set of the zone that has changed, as its own name servers would be. */
  readonly publish: (name: string, type: string, values: readonly string[]) => Promise<void>;
}

export interface Cloudflare extends Simulator {
  /** All records there are, a line each: `name type value`. */
  records(): string[];
  /** Somebody puts a record set there; as one that Cloudflare stands in front of when `proxied`. */
  put(name: string, type: string, values: readonly string[], proxied?: boolean): Promise<void>;
}

const Schemas = z.object({
  schemas: z.looseObject({ "dns-records_dns-record": z.looseObject({ oneOf: z.unknown() }) }),
});
const Json = <Schema extends z.ZodType>(schema: Schema) =>
  z.looseObject({ content: z.object({ "application/json": z.object({ schema }) }) });
const Operation = z.looseObject({
  responses: z.looseObject({ "4XX": Json(z.object({ allOf: z.array(z.unknown()) })) }),
});

/**
 * The description has deletions need a body, which no client of Cloudflare's sends, and requests hold what only an answer can: the id of
 * a record, when it was made. Its refusals are both an answer of success and none.
 */
function mend({ paths, components }: Description) {
  const { oneOf } = Schemas.parse(components).schemas["dns-records_dns-record"];
  const written = { required: true, content: { "application/json": { schema: { oneOf } } } };
  const all = "/zones/{zone_id}/dns_records";
  const one = `${all}/{dns_record_id}`;
  for (const [path, method, requestBody] of [
    [all, "get", undefined],
    [all, "post", written],
    [one, "put", written],
    [one, "delete", undefined],
  ] as const) {
    const item = paths[path] ?? {};
    const operation = Operation.parse(item[method]);
    const schema = operation.responses["4XX"].content["application/json"].schema.allOf.at(-1);
    const refusal = { description: "refused", content: { "application/json": { schema } } };
    const responses = { ...operation.responses, "4XX": refusal };
    paths[path] = { ...item, [method]: { ...operation, requestBody, responses } };
  }
}

/** Cloudflare's zones and records. https://developers.cloudflare.com/api/resources/dns/subresources/records/ */
export async function startCloudflare({ token, zone, publish }: CloudflareOptions): Promise<Cloudflare> {
  const zoneId = randomBytes(16).toString("hex");
  let records: Stored[] = [];
  const told = async (name: string, type: string) => {
    const values = at(name, type).map(({ content }) => content);
    if (type === "A" || type === "AAAA") await publish(name, type, values);
  };
  const at = (name: string, type: string) => records.filter((one) => one.name === name && one.type === type);
  const replace = (id: string, ...by: readonly Stored[]) => {
    records = [...records.filter((one) => one.id !== id), ...by];
  };

  /** Codes that Cloudflare answers with; they are documented nowhere but in what it answers. */
  const objection = (record: Stored) => {
    const others = records.filter(({ name, id }) => name === record.name && id !== record.id);
    if (others.some(({ type, content }) => type === record.type && content === record.content))
      return { code: 81058, message: "An identical record already exists." };
    if (others.some(({ type }) => type === "CNAME" && ["A", "AAAA", "CNAME"].includes(record.type)))
      return { code: 81054, message: "A CNAME record with that host already exists." };
    return undefined;
  };
  const keep = async (c: Context, record: Stored) => {
    const wrong = objection(record);
    if (wrong !== undefined) return refuse(c, 400, wrong);
    replace(record.id, record);
    await told(record.name, record.type);
    return c.json({ ...envelope, result: shown(record) });
  };

  const app = new Hono().basePath("/client/v4");
  app.use(async (c, next) => {
    const given = c.req.header("authorization") ?? "";
    if (!/^Bearer [\w-]{20,}$/.test(given)) return refuse(c, 400, { code: 6003, message: "Invalid request headers" });
    if (given !== `Bearer ${token}`) return refuse(c, 403, { code: 10000, message: "Authentication error" });
    return next();
  });
  app.get("/zones", (c) => {
    const found = c.req.query("name") === zone ? [zoneOf(zoneId, zone)] : [];
    return c.json({ ...envelope, result: found, result_info: pageOf(found.length, 20) });
  });
  app.use("/zones/:zone/*", async (c, next) =>
    c.req.param("zone") === zoneId
      ? next()
      : refuse(c, 404, { code: 7003, message: "Could not route to the zone, perhaps it is invalid" }),
  );
  app.get("/zones/:zone/dns_records", (c) => {
    const { name, type, page = "1", per_page: perPage = "100" } = c.req.query();
    const found = records.filter((one) => one.name === (name ?? one.name) && one.type === (type ?? one.type));
    const from = (Number(page) - 1) * Number(perPage);
    const result = found.slice(from, from + Number(perPage)).map(shown);
    const info = { ...pageOf(result.length, Number(perPage)), page: Number(page), total_count: found.length };
    return c.json({ ...envelope, result, result_info: info });
  });
  app.post("/zones/:zone/dns_records", async (c) =>
    keep(c, { id: randomBytes(16).toString("hex"), ...Record.parse(await c.req.json()) }),
  );
  app.put("/zones/:zone/dns_records/:id", async (c) => {
    const id = c.req.param("id");
    if (!records.some((one) => one.id === id))
      return refuse(c, 404, { code: 81044, message: "Record does not exist." });
    return keep(c, { id, ...Record.parse(await c.req.json()) });
  });
  app.delete("/zones/:zone/dns_records/:id", async (c) => {
    const gone = records.find(({ id }) => id === c.req.param("id"));
    if (gone === undefined) return refuse(c, 404, { code: 81044, message: "Record does not exist." });
    replace(gone.id);
    await told(gone.name, gone.type);
    return c.json({ result: { id: gone.id } });
  });

  const simulator = await startSimulator({ contract: openContract("cloudflare", mend), app, basePath: "/client/v4" });
  return Object.assign(simulator, {
    records: () => records.map(({ name, type, content }) => `${name} ${type} ${content}`).sort(),
    put: async (name: string, type: string, values: readonly string[], proxied = false) => {
      for (const { id } of at(name, type)) replace(id);
      for (const content of values) {
        records = [...records, { id: randomBytes(16).toString("hex"), name, type, content, ttl: 1, proxied }];
      }
      await told(name, type);
    },
  });
}

/** Its answer to who asks too often. */
export const cloudflareTooOften: Fault = {
  kind: "answer",
  status: 429,
  headers: { "retry-after": "3" },
  body: {
    success: false,
    errors: [{ code: 971, message: "Please wait and consider throttling your request speed" }],
  },
};

const SINCE = "2026-01-01T00:00:00Z";
const envelope = { success: true, errors: [], messages: [] } as const;
const shown = (record: Stored) => ({ ...record, proxiable: true, created_on: SINCE, modified_on: SINCE });
const refuse = (c: Context, status: 400 | 403 | 404, error: { readonly code: number; readonly message: string }) =>
  c.json({ success: false, errors: [error], messages: [], result: null }, status);
const pageOf = (count: number, perPage: number) => ({ page: 1, per_page: perPage, count, total_count: count });

const zoneOf = (id: string, name: string) => ({
  ...{ id, name, development_mode: 0, status: "active", owner: {}, account: {}, meta: {} },
  ...{ name_servers: ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"], original_name_servers: null },
  ...{ original_registrar: null, original_dnshost: null, activated_on: null },
  ...{ created_on: SINCE, modified_on: SINCE },
});
