import { afterAll, beforeAll, expect, test } from "vitest";
import { smtpMailer } from "#mail/smtp.ts";
import { type Mailbox, startMailbox } from "#scripts/mailbox.ts";

let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox({ smtpPort: 0, httpPort: 0 });
});
afterAll(() => mailbox.stop());

const deliver = (id: string, subject: string, html = "<head></head><script>alert(1)</script><p>Hello</p>") =>
  smtpMailer.open({ ...mailbox.smtp, from: "hub@example.org" }, { publicHost: "hub.example.org" }).send({
    ...{ id, to: "ada@example.org", subject, text: "Hello", html, date: Date.now() },
    attachments: [{ filename: "hand book.pdf", contentType: "application/pdf", content: new Uint8Array([1, 2, 3]) }],
  });

const get = (path: string) => fetch(mailbox.url + path);

test("lists mails as JSON, newest first, and hands out their attachments", async () => {
  await deliver("mail_first00000", "First");
  await deliver("mail_second0000", "Second <i>");
  const body: unknown = await (await get("/api/mails")).json();
  expect(body).toMatchObject({
    mails: [
      { subject: "Second <i>", messageId: "<mail_second0000@hub.example.org>", text: "Hello\n" },
      { subject: "First", attachments: [{ filename: "hand book.pdf", contentType: "application/pdf", sizeBytes: 3 }] },
    ],
  });
  const file = await get(`/api/mails/${mailbox.mails()[0]?.id}/attachments/0`);
  expect(file.headers.get("content-disposition")).toContain("hand%20book.pdf");
  expect([...new Uint8Array(await file.arrayBuffer())]).toEqual([1, 2, 3]);
});

test("a mail that is known by its Message-ID takes the place of the earlier one", async () => {
  await deliver("mail_twice00000", "Twice");
  await deliver("mail_twice00000", "Twice");
  const twice = mailbox.mails().filter(({ subject }) => subject === "Twice");
  expect(twice).toMatchObject([{ deliveries: 2 }]);
});

test("shows mails to people, and lets nothing in them run", async () => {
  await deliver("mail_page000000", "Page & more");
  const list = await (await get("/")).text();
  expect(list).toContain("Page &amp; more");
  const id = mailbox.mails()[0]?.id;
  expect(await (await get(`/mails/${id}`)).text()).toContain("<iframe");
  const html = await get(`/api/mails/${id}/html`);
  expect(html.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(html.headers.get("content-security-policy")).toContain("sandbox");
});

test("what is not there is not found", async () => {
  for (const path of ["/mails/x", "/api/mails/x/html", "/api/mails/x/attachments/0"]) {
    expect((await get(path)).status).toBe(404);
  }
});
