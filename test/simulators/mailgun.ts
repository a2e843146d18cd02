import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Arrived } from "#test/contracts/mailer.ts";
import { type Description, openContract } from "./contract.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

export interface Mailgun extends Simulator {
  readonly arrived: readonly Arrived[];
  /** Has what is accepted from now on turn up among the events, or not yet. */
  indexEvents(indexed: boolean): void;
}

export interface MailgunOptions {
  readonly domain: string;
  readonly apiKey: string;
}

/** What a wrong key is answered with is described with mails, and is the same with events. */
function describeForbidden({ paths }: Description) {
  const Operation = z.looseObject({ responses: z.looseObject({}) });
  const sending = Operation.parse(paths["/v3/{domain_name}/messages"]?.post);
  const item = paths["/v3/{domain_name}/events"] ?? {};
  const events = Operation.parse(item.get);
  const responses = { ...sending.responses, ...events.responses };
  paths["/v3/{domain_name}/events"] = { ...item, get: { ...events, responses } };
}

/** Mailgun takes mails for a domain and tells its events. https://documentation.mailgun.com/docs/mailgun/api-reference/ */
export async function startMailgun({ domain, apiKey }: MailgunOptions): Promise<Mailgun> {
  const arrived: Arrived[] = [];
  const accepted: Arrived[] = [];
  let indexed = true;
  const app = new Hono().basePath("/v3");
  app.use(async (c, next) => {
    const expected = `Basic ${Buffer.from(`api:${apiKey}`).toString("base64")}`;
    return c.req.header("authorization") === expected ? next() : c.json("Forbidden", 401);
  });
  app.use("/:domain/*", async (c, next) =>
    c.req.param("domain") === domain ? next() : refuse(c, `Domain not found: ${c.req.param("domain")}`),
  );
  app.post("/:domain/messages", async (c) => {
    const form = await c.req.formData();
    const text = (name: string) => z.string().parse(form.get(name));
    const to = text("to");
    if (!z.email().safeParse(to).success)
      return refuse(c, "'to' parameter is not a valid address. please check documentation");
    const mail: Arrived = {
      ...{ from: text("from"), to: [to], subject: text("subject"), text: text("text") },
      html: form.has("html") ? text("html") : undefined,
      messageId: text("h:Message-Id").slice(1, -1),
      attachments: await Promise.all(form.getAll("attachment").map(attachmentOf)),
    };
    arrived.push(mail);
    if (indexed) accepted.push(mail);
    return c.json({ id: `<${mail.messageId}>`, message: "Queued. Thank you." });
  });
  app.get("/:domain/events", (c) => {
    const { event, "message-id": id } = c.req.query();
    const items = accepted.filter(({ messageId }) => event === "accepted" && messageId === id).map(eventOf);
    return c.json({ items, paging: {} });
  });
  const simulator = await startSimulator({
    contract: openContract("mailgun", describeForbidden),
    app,
    parse: { "multipart/form-data": fieldsOf },
  });
  const indexEvents = (now: boolean) => {
    indexed = now;
  };
  return Object.assign(simulator, { arrived, indexEvents });
}

const refuse = (c: Context, message: string) => c.json({ message }, 400);

async function attachmentOf(part: File | string) {
  if (typeof part === "string") throw new Error("an attachment is a file");
  return { filename: part.name, contentType: part.type, content: new Uint8Array(await part.arrayBuffer()) };
}

const eventOf = ({ messageId = "", from, to, subject }: Arrived) => ({
  event: "accepted",
  id: "ncV2XwymRUKbPek_MIM-Gw",
  timestamp: 1_767_312_000.5,
  "log-level": "info",
  message: {
    headers: { "message-id": messageId, from, to: to.join(), subject },
    attachments: [],
    size: 1,
  },
});

/** The fields of a form by their names, for their description; bytes of files are not read here. */
function fieldsOf(text: string): Record<string, string | string[]> {
  const [boundary = ""] = text.split("\r\n", 1);
  const fields: Record<string, string | string[]> = {};
  for (const part of text.split(boundary).slice(1, -1)) {
    const name = /name="([^"]+)"/.exec(part)?.[1] ?? "";
    const value = part.slice(part.indexOf("\r\n\r\n") + 4, -2);
    const known = fields[name];
    fields[name] = known === undefined ? value : [known, value].flat();
  }
  return fields;
}
