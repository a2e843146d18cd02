import type { z } from "zod";
import { parseOr } from "#shared/problem.ts";

/** A mail as it leaves. */
export interface Mail {
  /** Becomes the Message-ID (RFC 5322 section 3.6.4) or the key of idempotency: the same id is the same mail, however often it is sent. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string | undefined;
  readonly attachments: readonly Attachment[];
  /** Milliseconds since the epoch; a mail that is sent again keeps it. */
  readonly date: number;
}

export interface Attachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** Somebody who takes mail and delivers it. `test/contracts/mailer.ts` holds every one to this. */
export interface Mailer {
  /** Key in the configuration, for example `smtp`. */
  readonly name: string;
  readonly title: string;
  /**
   * Returns once the other side has taken responsibility for the mail. Sent again after an answer that was lost, the mail arrives once,
   * or twice as one and the same mail, as its kind says.
   * @throws {Problem} `mail_refused`: it was not taken now, as far as anybody knows
   */
  send(mail: Mail): Promise<void>;
}

/** What a mailer needs of the world around it. */
export interface MailerTools {
  /** Host name of the hub: the right side of each Message-ID. */
  readonly publicHost: string;
  /** Where its API is, in tests; its own when absent. */
  readonly endpoint?: string | undefined;
  /** The platform's own when absent. */
  readonly fetch?: typeof fetch | undefined;
}

/** A way to send mail before anybody has an account there. One file in this folder, which exports it. */
export interface MailerKind<Settings extends z.ZodType = z.ZodType> {
  /** Key in the configuration, for example `mailgun`. */
  readonly name: string;
  readonly title: string;
  readonly Settings: Settings;
  /** Which of them are secret: they go in and never come out. */
  readonly secrets: readonly (keyof z.output<Settings> & string)[];
  /** Calls nobody. */
  open(settings: z.output<Settings>, tools: MailerTools): Mailer;
}

/** A kind whose settings need not be parsed by who has them. */
export interface OpenableMailer<Settings extends z.ZodType = z.ZodType>
  extends Omit<MailerKind<Settings>, "open" | "secrets"> {
  readonly secrets: readonly string[];
  /** As `open`. @throws {Problem} `invalid_input` for settings that do not fit */
  open(settings: unknown, tools: MailerTools): Mailer;
}

export const defineMailer = <Settings extends z.ZodType>(kind: MailerKind<Settings>): OpenableMailer<Settings> => ({
  ...kind,
  open: (settings, tools) =>
    kind.open(parseOr(kind.Settings, settings, `the settings of the mailer ${kind.name}`), tools),
});

export const messageIdOf = ({ id }: Pick<Mail, "id">, { publicHost }: Pick<MailerTools, "publicHost">): string =>
  `${id}@${publicHost}`;
