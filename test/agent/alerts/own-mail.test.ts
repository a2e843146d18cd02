import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createOwnMail } from "#agent/alerts/own-mail.ts";
import { AgentConfig } from "#agent/config.ts";
import { startMailbox } from "#scripts/mailbox.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const configured = (smtp: object) =>
  AgentConfig.parse({ hub: "https://hub.example.org", dataDirectory: "/data", modulesDirectory: "/modules", smtp })
    .smtp;
const mail = { id: "alert_0123", to: "ops@example.org", subject: "Critical", text: "The disk is full" };

it("a beacon sends its mails over the server that it was told, under the name that the hub would give them", async () => {
  const mailbox = await startMailbox({ smtpPort: 0, httpPort: 0 });
  cleanUps.push(mailbox.stop);
  const directory = mkdtempSync(join(tmpdir(), "wopr-mail-"));
  cleanUps.push(() => rmSync(directory, { recursive: true }));
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, "secret\n");
  const smtp = configured({ ...mailbox.smtp, from: "ada@example.org", passwordFile });
  const send = createOwnMail({ smtp, hub: "https://hub.example.org", now: () => 1_795_000_000_000 });
  await send?.(mail);
  await send?.(mail);
  expect(mailbox.mails()).toMatchObject([
    { messageId: "<alert_0123@hub.example.org>", from: "ada@example.org", to: ["ops@example.org"], deliveries: 2 },
  ]);
});

it("a server that is away is tried again; a beacon without one has no mail", async () => {
  const send = createOwnMail({
    smtp: configured({ host: "127.0.0.1", port: 9, from: "ada@example.org" }),
    hub: "https://hub.example.org",
    now: () => 0,
  });
  await expect(send?.(mail)).rejects.toMatchObject({ code: "mail_refused", retryable: true });
  expect(createOwnMail({ smtp: undefined, hub: "https://hub.example.org", now: () => 0 })).toBeUndefined();
});
