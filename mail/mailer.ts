/** A mail as it leaves. */
export interface Mail {
  /** Becomes the Message-ID (RFC 5322 section 3.6.4): the same id is the same mail, however often it arrives. */
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

/** Somebody who takes mail and delivers it. */
export interface Mailer {
  /** Key in the configuration, for example `smtp`. */
  readonly name: string;
  readonly title: string;
  /** Returns once the other side has taken responsibility for the mail. @throws {Problem} `mail_refused` */
  send(mail: Mail): Promise<void>;
}
