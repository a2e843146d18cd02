import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import type { Arrived } from "#test/contracts/mailer.ts";

export interface SmtpSink {
  readonly port: number;
  readonly arrived: readonly Arrived[];
  /** The next mail is taken, and the connection breaks before the server says so. */
  loseNextAnswer(): void;
  stop(): Promise<void>;
}

export interface SmtpSinkOptions {
  readonly user: string;
  readonly password: string;
  /** Any free port when 0. */
  readonly port?: number;
}

/** A server that takes mail from one user, and keeps all that came, each copy. */
export async function startSmtpSink({ user, password, port = 0 }: SmtpSinkOptions): Promise<SmtpSink> {
  const arrived: Arrived[] = [];
  const open = new Set<string>();
  let losing = false;
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth: (auth, _session, done) => {
      const known = auth.username === user && auth.password === password;
      done(known ? null : new Error(`unknown: ${auth.password}`), { user });
    },
    onRcptTo: ({ address }, _session, done) =>
      done(
        /^[^\s@]+@[^\s@]+$/.test(address) ? null : Object.assign(new Error("no such address"), { responseCode: 550 }),
      ),
    onConnect: ({ id }, done) => {
      open.add(id);
      done();
    },
    onData: (stream, session, done) => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      buffer(stream)
        .then(async (raw) => {
          arrived.push(await read(raw, to));
          if (!losing) return done();
          losing = false;
          for (const connection of server.connections) connection.close();
        })
        .catch(done);
    },
  });
  server.on("error", () => undefined);
  const listener = server.listen(port, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    arrived,
    loseNextAnswer: () => {
      losing = true;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function read(raw: Uint8Array, to: readonly string[]): Promise<Arrived> {
  const mail = await PostalMime.parse(raw);
  return {
    from: `${mail.from?.name} <${mail.from?.address}>`,
    to,
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: mail.html,
    messageId: mail.messageId,
    attachments: mail.attachments.map(({ filename, mimeType, content }) => ({
      filename: filename ?? "",
      contentType: mimeType,
      content: typeof content === "string" ? Buffer.from(content) : new Uint8Array(content),
    })),
  };
}
