import PostalMime from "postal-mime";
import { hashOf } from "#shared/hash.ts";

export interface ReceivedAttachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

export interface ReceivedMail {
  /** Made from the Message-ID, for use in URLs. */
  readonly id: string;
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** How often this mail has arrived. */
  readonly deliveries: number;
  readonly text: string;
  readonly html: string | undefined;
  readonly attachments: readonly ReceivedAttachment[];
}

/** The mails of a mailbox, newest first. One that arrives again, with a Message-ID that is known, takes the place of the first. */
export function createInbox(now: () => number) {
  const mails = new Map<string, ReceivedMail>();
  return {
    list: (): readonly ReceivedMail[] => [...mails.values()].reverse(),
    get: (id: string): ReceivedMail | undefined => mails.get(id),
    receive: async (raw: Uint8Array, to: readonly string[]): Promise<void> => {
      const parsed = await PostalMime.parse(raw);
      const messageId = parsed.messageId ?? hashOf(Buffer.from(raw).toString("base64"));
      const id = hashOf(messageId).slice(0, 16);
      const deliveries = (mails.get(id)?.deliveries ?? 0) + 1;
      mails.delete(id);
      mails.set(id, {
        id,
        messageId,
        from: parsed.from?.address ?? "",
        to,
        subject: parsed.subject ?? "(no subject)",
        receivedAt: now(),
        deliveries,
        text: parsed.text ?? "",
        html: parsed.html,
        attachments: parsed.attachments.map(({ filename, mimeType, content }) => ({
          filename: filename ?? "attachment",
          contentType: mimeType,
          content: typeof content === "string" ? Buffer.from(content) : new Uint8Array(content),
        })),
      });
    },
  };
}

export type Inbox = ReturnType<typeof createInbox>;
