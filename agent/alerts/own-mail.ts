import { readFileSync } from "node:fs";
import type { ChannelTools } from "#shared/channels/channel.ts";
import type { AgentConfig } from "../config.ts";

export interface OwnMailOptions {
  readonly smtp: AgentConfig["smtp"];
  /** Origin of the hub: a mail has the same Message-ID whoever of them sends it, so that a mailbox can tell a second one. */
  readonly hub: string;
  readonly now: () => number;
}

/** Mail from the beacon itself; nothing where no server is named. What it takes is loaded with the first mail. */
export function createOwnMail({ smtp, hub, now }: OwnMailOptions): ChannelTools["mail"] {
  if (smtp === undefined) return undefined;
  const { passwordFile, ...settings } = smtp;
  return async ({ id, to, subject, text }) => {
    const { smtpMailer } = await import("#mail/smtp.ts");
    const password = passwordFile === undefined ? {} : { password: readFileSync(passwordFile, "utf8").trim() };
    const mailer = smtpMailer.open({ ...settings, ...password }, { publicHost: new URL(hub).hostname });
    await mailer.send({ id, to, subject, text, attachments: [], date: now() });
  };
}
