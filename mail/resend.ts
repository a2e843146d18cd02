import { z } from "zod";
import { defineMailer } from "./mailer.ts";
import { callVendor, refusalOf } from "./vendor/post-mail.ts";

const title = "Resend";

/**
 * https://resend.com/docs/api-reference/emails/send-email
 * The id of a mail is its key of idempotency: for 24 hours the same mail sent again is taken once.
 * https://resend.com/docs/dashboard/emails/idempotency-keys
 * A hub that loses an answer and then stands still for longer than that sends the mail a second time.
 */
export const resendMailer = defineMailer({
  name: "resend",
  title,
  Settings: z.strictObject({
    /** Which may send, and need not do anything else. */
    apiKey: z.string().min(1),
    /** `Name <address>` or an address, of a domain that is verified there. */
    from: z.string().min(3),
  }),
  secrets: ["apiKey"],
  open: ({ apiKey, from }, { endpoint = "https://api.resend.com", fetch }) => ({
    name: "resend",
    title,
    send: async (mail) => {
      const answer = await callVendor({
        title,
        url: `${endpoint}/emails`,
        method: "POST",
        headers: {
          authorization: `Bearer ${apiKey}`,
          "content-type": "application/json",
          "idempotency-key": mail.id,
          // Without one Resend answers 403: https://resend.com/docs/api-reference/introduction
          "user-agent": "wopr",
        },
        body: JSON.stringify({
          from,
          to: [mail.to],
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          attachments: mail.attachments.map(({ filename, contentType, content }) => ({
            filename,
            content_type: contentType,
            content: Buffer.from(content).toString("base64"),
          })),
        }),
        secret: apiKey,
        fetch,
      });
      if (answer.status === 200 || wasTaken(answer.body)) return;
      throw refusalOf(answer, { title, secret: apiKey });
    },
  }),
});

/** The key was used with other words, by a hub whose sender was another one then: the mail of this id has been taken. */
const wasTaken = (body: unknown) => z.object({ name: z.literal("invalid_idempotent_request") }).safeParse(body).success;
