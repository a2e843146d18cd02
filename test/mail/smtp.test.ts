import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { smtpMailer } from "#mail/smtp.ts";
import { startMailbox } from "#scripts/mailbox.ts";
import { Problem } from "#shared/problem.ts";
import { mailerContract, sender } from "#test/contracts/mailer.ts";
import { type SmtpSink, startSmtpSink } from "./smtp-sink.ts";

const mail = {
  id: "mail_0123456789",
  to: "ada@example.org",
  subject: "Grüße from your beacon ✓",
  text: "Hello",
  html: "<p>Hello</p>",
  attachments: [
    { filename: "handbook.pdf", contentType: "application/pdf", content: new Uint8Array([37, 80, 68, 70]) },
  ],
  date: Date.UTC(2026, 0, 2),
};
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const mailerAt = (port: number, more: object = {}) =>
  smtpMailer.open(
    { host: "127.0.0.1", port, from: "WOPR <hub@example.org>", ...more },
    { publicHost: "hub.example.org" },
  );

/** A server that answers each line a client sends by `reply`. */
async function openServer(reply: (line: string) => string): Promise<number> {
  const server: Server = createServer((socket: Socket) => {
    socket.write("220 test\r\n");
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      for (const line of data.toString().trim().split("\r\n")) socket.write(`${reply(line)}\r\n`);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const refusalOf = (sending: Promise<void>): Promise<Problem> =>
  sending.then(
    () => Promise.reject(new Error("it was sent")),
    (error: unknown) => Problem.wrap(error),
  );

test("a mail arrives as it was written, with its attachment and its own date", async () => {
  const mailbox = await startMailbox({ smtpPort: 0, httpPort: 0 });
  closing.push(mailbox.stop);
  await mailerAt(mailbox.smtp.port).send(mail);
  const [received] = mailbox.mails();
  expect(received).toMatchObject({ subject: mail.subject, to: ["ada@example.org"] });
  expect(received?.html).toContain("<p>Hello</p>");
  expect(received?.attachments[0]).toMatchObject({ filename: "handbook.pdf", contentType: "application/pdf" });
  expect([...(received?.attachments[0]?.content ?? [])]).toEqual([37, 80, 68, 70]);
});

test("a recipient that the server refuses is told in the server's words", async () => {
  const port = await openServer((line) => (line.startsWith("RCPT") ? "550 5.1.1 no such user" : "250 ok"));
  const problem = await refusalOf(mailerAt(port).send(mail));
  expect(problem).toMatchObject({ code: "mail_refused", retryable: true });
  expect(problem.message).toContain("550 5.1.1 no such user");
});

test("a password is in no problem, not even when the server repeats it", async () => {
  const port = await openServer((line) => {
    if (line.startsWith("EHLO")) return "250-test\r\n250 AUTH PLAIN";
    if (line.startsWith("AUTH")) return `535 5.7.8 not you: ${line} hunter2`;
    return "250 ok";
  });
  const mailer = mailerAt(port, { user: "hub", password: "hunter2" });
  const problem = await refusalOf(mailer.send(mail));
  const told = JSON.stringify(problem);
  expect(problem).toMatchObject({ code: "mail_refused", details: { code: "EAUTH" } });
  expect(told).not.toContain("hunter2");
  expect(told).not.toContain(Buffer.from("\0hub\0hunter2").toString("base64"));
});

test("a server elsewhere that offers no encryption gets nothing", async () => {
  const lines: string[] = [];
  const port = await openServer((line) => {
    lines.push(line);
    return "250 ok";
  });
  const mailer = mailerAt(port, { host: "127.0.0.2", user: "hub", password: "hunter2" });
  expect((await refusalOf(mailer.send(mail))).code).toBe("mail_refused");
  expect(lines.some((line) => /^(AUTH|MAIL)/.test(line))).toBe(false);
});

mailerContract("SMTP", async () => {
  const account = { user: "hub", password: "hunter2" };
  let server = await startSmtpSink(account);
  const { port } = server;
  const earlier: SmtpSink[] = [];
  return {
    open: (which) =>
      mailerAt(port, { ...account, ...(which === "right" ? {} : { password: "wrong-password" }), from: sender }),
    secret: "wrong-password",
    arrived: () => [...earlier, server].flatMap(({ arrived }) => arrived),
    loseNextAnswer: () => server.loseNextAnswer(),
    goAway: () => server.stop(),
    comeBack: async () => {
      earlier.push(server);
      server = await startSmtpSink({ ...account, port });
    },
    sentAgain: "has the same Message-ID",
    violations: () => [],
    stop: () => server.stop(),
  };
});
