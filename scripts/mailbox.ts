import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { serve } from "@hono/node-server";
import { SMTPServer } from "smtp-server";
import { createInbox, type ReceivedMail } from "./mailbox/inbox.ts";
import { mailboxPages } from "./mailbox/pages.ts";

export interface MailboxOptions {
  /** 0 takes any free port. */
  readonly smtpPort: number;
  readonly httpPort: number;
}

export interface Mailbox {
  /** Where people read the mails. */
  readonly url: string;
  readonly smtp: { readonly host: string; readonly port: number };
  /** Newest first. */
  mails(): readonly ReceivedMail[];
  stop(): Promise<void>;
}

/** An SMTP server on this machine that takes any mail, delivers none, and shows them in the browser. Mails are kept in memory. */
export async function startMailbox({ smtpPort, httpPort }: MailboxOptions): Promise<Mailbox> {
  const host = "127.0.0.1";
  const inbox = createInbox(Date.now);
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    closeTimeout: 1000,
    onData: (stream, session, callback) => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      buffer(stream)
        .then((raw) => inbox.receive(raw, to))
        .then(() => callback(), callback);
    },
  });
  // A client that goes away in the middle of a conversation is its own problem.
  smtp.on("error", () => undefined);
  const smtpListener = smtp.listen(smtpPort, host);
  const web = serve({ fetch: mailboxPages(inbox).fetch, hostname: host, port: httpPort });
  await Promise.all([once(smtpListener, "listening"), web.listening || once(web, "listening")]);
  return {
    url: `http://${host}:${portOf(web.address())}`,
    smtp: { host, port: portOf(smtpListener.address()) },
    mails: () => inbox.list(),
    stop: async () => {
      const smtpClosed = new Promise<void>((resolve) => smtp.close(resolve));
      const webClosed = new Promise<unknown>((resolve) => web.close(resolve));
      if ("closeAllConnections" in web) web.closeAllConnections();
      await Promise.all([smtpClosed, webClosed]);
    },
  };
}

const portOf = (address: string | { readonly port: number } | null): number =>
  address !== null && typeof address === "object" ? address.port : 0;
