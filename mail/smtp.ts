import { createTransport } from "nodemailer";
import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import type { Mailer } from "./mailer.ts";
import type { SmtpSettings } from "./smtp-settings.ts";

/** Silence of the server after which a delivery has failed. */
const SILENCE_MS = 30_000;

/**
 * Delivers over SMTP (RFC 5321), one connection a mail.
 * @param publicHost Host name of the hub: the right side of each Message-ID.
 */
export function smtpMailer(settings: SmtpSettings, publicHost: string): Mailer {
  const { host, port, secure, user, password } = settings;
  const onThisMachine = ["localhost", "127.0.0.1", "::1"].includes(host);
  const transport = createTransport({
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
  });
  return {
    name: "smtp",
    title: "SMTP server",
    send: async (mail) => {
      try {
        await transport.sendMail({
          from: settings.from,
          to: { name: "", address: mail.to },
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          messageId: `<${mail.id}@${publicHost}>`,
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
}

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
