import { afterEach, describe, expect, test } from "vitest";
import { createMailQueue } from "#hub/mail/mail-queue.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { createDocumentStore } from "#hub/store/documents.ts";
import { createMailStore } from "#hub/store/mails.ts";
import { migrate } from "#hub/store/migrate.ts";
import type { Mailer } from "#mail/mailer.ts";
import { mailgunMailer } from "#mail/mailgun.ts";
import { resendMailer } from "#mail/resend.ts";
import { smtpMailer } from "#mail/smtp.ts";
import { type Mailbox, startMailbox } from "#scripts/mailbox.ts";
import type { Problem } from "#shared/problem.ts";
import { until } from "#test/hub/provisioning/until.ts";
import { hasContracts } from "#test/simulators/contract.ts";
import { startMailgun } from "#test/simulators/mailgun.ts";
import { startResend } from "#test/simulators/resend.ts";

const mail = {
  id: "mail_0123456789",
  recipient: "ada@example.org",
  subject: "Your beacon is ready",
  text: "Sign in: http://127.0.0.1/secret",
  html: "<p>Sign in</p>",
  attachment: undefined,
};
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function openMailbox(smtpPort = 0): Promise<Mailbox> {
  const mailbox = await startMailbox({ smtpPort, httpPort: 0 });
  stops.push(mailbox.stop);
  return mailbox;
}

async function openDb(): Promise<Database> {
  const db = openDatabase(":memory:");
  await migrate(db);
  return db;
}

const smtpTo = (port: number) =>
  smtpMailer.open({ host: "127.0.0.1", port, from: "WOPR <hub@example.org>" }, { publicHost: "hub.example.org" });

/** A queue over real SMTP, with a clock that a test can move. */
function openQueue(db: Database, port: number, mailer: Mailer = smtpTo(port)) {
  const problems: Problem[] = [];
  let ahead = 0;
  const queue = createMailQueue({
    mails: createMailStore(db),
    documents: createDocumentStore(db),
    mailer,
    now: () => Date.now() + ahead,
    onProblem: (problem) => problems.push(problem),
  });
  stops.push(queue.stop);
  return {
    queue,
    problems,
    later: (ms: number) => {
      ahead += ms;
    },
  };
}

test("a mail goes out once, with a Message-ID that comes from its id", async () => {
  const [db, mailbox] = [await openDb(), await openMailbox()];
  const { queue } = openQueue(db, mailbox.smtp.port);
  queue.start();
  await queue.send(mail);
  await queue.send({ ...mail, text: "something else" });
  await until(
    () => queue.state(mail.id),
    (state) => state?.sentAt !== undefined,
  );
  expect(mailbox.mails()).toMatchObject([
    {
      messageId: "<mail_0123456789@hub.example.org>",
      from: "hub@example.org",
      to: ["ada@example.org"],
      subject: mail.subject,
      deliveries: 1,
    },
  ]);
  expect(mailbox.mails()[0]?.text).toContain(mail.text);
});

test("what was mailed is forgotten: it may hold a link that signs somebody in", async () => {
  const [db, mailbox] = [await openDb(), await openMailbox()];
  const { queue } = openQueue(db, mailbox.smtp.port);
  queue.start();
  await queue.send(mail);
  await until(
    () => queue.state(mail.id),
    (state) => state?.sentAt !== undefined,
  );
  expect(JSON.stringify(await db.selectFrom("mail").selectAll().execute())).not.toContain("secret");
});

test("a mail of an earlier hub goes out after the start; one that was sent twice is one mail in the mailbox", async () => {
  const [db, mailbox] = [await openDb(), await openMailbox()];
  await openQueue(db, mailbox.smtp.port).queue.send(mail);
  expect(mailbox.mails()).toEqual([]);
  const first = openQueue(db, mailbox.smtp.port).queue;
  first.start();
  await until(
    () => mailbox.mails().length,
    (count) => count === 1,
  );
  await first.stop();
  // As after a death between the server's reply and our note.
  await db.updateTable("mail").set({ sent_at: null, text: mail.text }).execute();
  const second = openQueue(db, mailbox.smtp.port).queue;
  second.start();
  await until(
    () => mailbox.mails()[0]?.deliveries,
    (deliveries) => deliveries === 2,
  );
  expect(mailbox.mails()).toHaveLength(1);
});

test("while the server is away a mail waits, says why, and goes out when it is back", async () => {
  const db = await openDb();
  const gone = await openMailbox();
  const { port } = gone.smtp;
  await gone.stop();
  const { queue, problems } = openQueue(db, port);
  queue.start();
  await queue.send(mail);
  const waiting = await until(
    () => queue.state(mail.id),
    (state) => state?.problem !== undefined,
  );
  expect(waiting).toMatchObject({ sentAt: undefined, problem: { code: "mail_refused" } });
  expect(problems[0]?.message).toContain(`127.0.0.1:${port}`);
  const mailbox = await openMailbox(port);
  await queue.tryAgain(mail.id);
  await until(
    () => mailbox.mails().length,
    (count) => count === 1,
  );
});

test("one mail that is refused does not hold up the next", async () => {
  const [db, mailbox] = [await openDb(), await openMailbox()];
  const { queue } = openQueue(db, mailbox.smtp.port);
  queue.start();
  await queue.send({ ...mail, id: "mail_missing000", attachment: undefined, recipient: "no address" });
  await queue.send(mail);
  await until(
    () => queue.state(mail.id),
    (state) => state?.sentAt !== undefined,
  );
  expect((await queue.state("mail_missing000"))?.problem).toBeDefined();
});

test("a mail is given up after five days, and stays in the store", async () => {
  const [db, mailbox] = [await openDb(), await openMailbox()];
  const { queue, later } = openQueue(db, mailbox.smtp.port);
  await queue.send(mail);
  later(5 * 24 * 3_600_000 + 1);
  queue.start();
  const fresh = { ...mail, id: "mail_fresh00000" };
  await queue.send(fresh);
  await until(
    () => queue.state(fresh.id),
    (state) => state?.sentAt !== undefined,
  );
  expect((await queue.state(mail.id))?.sentAt).toBeUndefined();
  expect(mailbox.mails()).toHaveLength(1);
});

test("a mail that is withdrawn does not go out", async () => {
  const [db, mailbox] = [await openDb(), await openMailbox()];
  const { queue } = openQueue(db, mailbox.smtp.port);
  await queue.send(mail);
  await queue.withdraw(mail.id);
  queue.start();
  await queue.send({ ...mail, id: "mail_other00000" });
  await until(
    () => mailbox.mails().length,
    (count) => count === 1,
  );
  expect(await queue.state(mail.id)).toBeUndefined();
});

describe.skipIf(!hasContracts())("over vendors with an API", () => {
  const domain = "mg.example.org";
  const [apiKey, from, publicHost] = ["key-0123456789", "hub@example.org", "hub.example.org"];
  const vendors = {
    Resend: async () => {
      const simulator = await startResend(apiKey);
      return { simulator, mailer: resendMailer.open({ apiKey, from }, { publicHost, endpoint: simulator.url }) };
    },
    Mailgun: async () => {
      const simulator = await startMailgun({ domain, apiKey });
      return {
        simulator,
        mailer: mailgunMailer.open({ domain, apiKey, from }, { publicHost, endpoint: simulator.url }),
      };
    },
  };

  test.each(["Resend", "Mailgun"] as const)(
    "%s is sent a mail once, whatever answers and hubs are lost",
    async (name) => {
      const db = await openDb();
      const { simulator, mailer } = await vendors[name]();
      stops.push(simulator.stop);
      simulator.fail(/^POST/, { kind: "refused" }, { kind: "lost" });
      const first = openQueue(db, 0, mailer).queue;
      first.start();
      await first.send(mail);
      for (const _lost of ["the request", "the answer"]) {
        await until(
          () => first.state(mail.id),
          (state) => state?.problem !== undefined,
        );
        void first.tryAgain(mail.id);
      }
      await until(
        () => first.state(mail.id),
        (state) => state?.sentAt !== undefined,
      );
      await first.stop();
      // As after a death between the vendor's reply and our note.
      await db.updateTable("mail").set({ sent_at: null, text: mail.text, html: mail.html }).execute();
      const second = openQueue(db, 0, mailer).queue;
      second.start();
      await until(
        () => second.state(mail.id),
        (state) => state?.sentAt !== undefined,
      );
      expect(simulator.arrived.map(({ subject }) => subject)).toEqual([mail.subject]);
      expect(simulator.violations).toEqual([]);
    },
  );
});
