import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { defineMailer, messageIdOf } from "./mailer.ts";
import { SmtpSettings } from "./smtp-settings.ts";

/** Silence of the server after which a delivery has failed. */
const SILENCE_MS = 30_000;

/**
 * Delivers over SMTP (RFC 5321), one connection a mail. A mail whose answer was lost is sent again with the same Message-ID, date and
 * content, by which mailboxes know the second one for the first: SMTP itself has no way to ask.
 */
export const smtpMailer = defineMailer({
  name: "smtp",
  title: "SMTP server",
  Settings: SmtpSettings,
  secrets: ["password"],
  open: ({ host, port, secure, user, password, from }, tools) => {
    const onThisMachine = ["localhost", "127.0.0.1", "::1"].includes(host);
    const settings = {
      host,
      port,
      secure,
      requireTLS: !secure && !onThisMachine,
      ignoreTLS: !secure && onThisMachine,
      ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
      connectionTimeout: SILENCE_MS,
      greetingTimeout: SILENCE_MS,
      socketTimeout: SILENCE_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    };
    return {
      name: "smtp",
      title: "SMTP server",
      send: async (mail) => {
        // With the first mail: a hub that sends by another gateway does without its weight.
        const { createTransport } = await import("nodemailer");
        try {
          await createTransport(settings).sendMail({
            from,
            to: { name: "", address: mail.to },
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
            messageId: `<${messageIdOf(mail, tools)}>`,
            date: new Date(mail.date),
            attachments: mail.attachments.map(({ filename, contentType, content }) => ({
              filename,
              contentType,
              content: Buffer.from(content),
            })),
          });
        } catch (error) {
          throw refusal(error, `${host}:${port}`);
        }
      },
    };
  },
});

/** What nodemailer adds to its errors: https://nodemailer.com/errors */
const SmtpError = z.object({
  code: z.string().optional(),
  response: z.string().optional(),
  responseCode: z.number().optional(),
  command: z.string().optional(),
});

/** The server's own words say most. A reply to AUTH is left out: some servers repeat what they were sent. */
function refusal(error: unknown, server: string): Problem {
  const { code, response, responseCode, command } = SmtpError.catch({}).parse(error);
  const said = command?.startsWith("AUTH") ? undefined : response;
  const why = said ?? (responseCode === undefined ? code : `reply ${responseCode}`) ?? "no reply";
  return new Problem("mail_refused", `the mail server ${server} did not take the mail: ${why}`, {
    hint:
      code === "EAUTH"
        ? "Check the user and password of the mail server in the settings."
        : "The mail is kept and tried again.",
    details: { server, ...(code === undefined ? {} : { code }), ...(command === undefined ? {} : { command }) },
  });
}
