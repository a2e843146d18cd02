import { z } from "zod";
import { parseOr } from "#shared/problem.ts";
import { defineMailer, messageIdOf } from "./mailer.ts";
import { callVendor, refusalOf } from "./vendor/post-mail.ts";

const title = "Mailgun";

/** https://documentation.mailgun.com/docs/mailgun/api-reference/api-overview */
const endpoints = { us: "https://api.mailgun.net", eu: "https://api.eu.mailgun.net" } as const;

/**
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages/post-v3--domain-name--messages
 *
 * Mailgun has no key of idempotency. Before each mail it is asked whether it has accepted one of the same Message-ID, which finds the
 * mail whose answer was lost unless its events lag behind the next try; then a second copy goes out, with the same Message-ID, by which
 * mailboxes know it for the first.
 */
export const mailgunMailer = defineMailer({
  name: "mailgun",
  title,
  Settings: z.strictObject({
    /** That was added there. */
    domain: z.string().min(3),
    region: z.enum(["us", "eu"]).default("us"),
    apiKey: z.string().min(1),
    /** `Name <address>` or an address. */
    from: z.string().min(3),
  }),
  secrets: ["apiKey"],
  open: ({ domain, region, apiKey, from }, { endpoint = endpoints[region], fetch, publicHost }) => {
    const headers = { authorization: `Basic ${Buffer.from(`api:${apiKey}`).toString("base64")}`, "user-agent": "wopr" };
    const call = (method: "GET" | "POST", path: string, body?: FormData) =>
      callVendor({
        ...{ title, method, headers, secret: apiKey, fetch },
        url: `${endpoint}/v3/${encodeURIComponent(domain)}${path}`,
        ...(body === undefined ? {} : { body }),
      });

    const wasAccepted = async (messageId: string) => {
      const query = new URLSearchParams({ event: "accepted", "message-id": messageId, limit: "1" });
      const answer = await call("GET", `/events?${query}`);
      if (answer.status !== 200) throw refusalOf(answer, { title, secret: apiKey });
      return parseOr(Events, answer.body, `what ${title} answered`, "mail_refused").items.length > 0;
    };

    return {
      name: "mailgun",
      title,
      send: async (mail) => {
        const messageId = messageIdOf(mail, { publicHost });
        if (await wasAccepted(messageId)) return;
        const form = new FormData();
        form.set("from", from);
        form.set("to", mail.to);
        form.set("subject", mail.subject);
        form.set("text", mail.text);
        if (mail.html !== undefined) form.set("html", mail.html);
        form.set("h:Message-Id", `<${messageId}>`);
        // A link that signs somebody in works once, and is nobody's to follow first.
        form.set("o:tracking", "no");
        for (const { filename, contentType, content } of mail.attachments) {
          form.append("attachment", new Blob([new Uint8Array(content)], { type: contentType }), filename);
        }
        const answer = await call("POST", "/messages", form);
        if (answer.status !== 200) throw refusalOf(answer, { title, secret: apiKey });
      },
    };
  },
});

const Events = z.object({ items: z.array(z.unknown()) });
