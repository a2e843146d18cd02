import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Mail, Mailer } from "#mail/mailer.ts";
import { Problem } from "#shared/problem.ts";

/** A mail as whoever it is for gets it, or would. */
export interface Arrived {
  /** `Name <address>`, whatever way the name was written on its way. */
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string | undefined;
  readonly attachments: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly content: Uint8Array;
  }[];
  /** By which a mailbox tells that two are one and the same, where the sender chose it. */
  readonly messageId: string | undefined;
}

export interface MailerUnderTest {
  /** Each call is the mailer as a hub makes it at its start, which sends as `sender`. */
  open(credentials: "right" | "wrong"): Mailer;
  /** Of the wrong credentials: what no problem may hold. */
  readonly secret: string;
  /** All that arrived, in order. */
  arrived(): readonly Arrived[];
  /** The next mail is taken, and the answer that says so is lost. */
  loseNextAnswer(): void;
  /** The other side does not answer, or only that it is away, until `back`. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** What comes of a mail that is sent again after its answer was lost. */
  readonly sentAgain: "arrives once" | "has the same Message-ID";
  /** What the vendor's description does not allow, of requests and answers. */
  violations(): readonly string[];
  stop(): Promise<void>;
}

export const sender = "Grüße von WOPR <hub@example.org>";

/** What every mailer promises (`mail/mailer.ts`). */
export function mailerContract(title: string, start: () => Promise<MailerUnderTest>) {
  describe(`the mailer ${title}`, () => {
    let subject: MailerUnderTest;
    let nth = 0;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.stop());
    afterEach(() => expect(subject.violations()).toEqual([]));

    const everyByte = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7 + (index >> 8)) % 256);
    const mailOf = (more: Partial<Mail> = {}): Mail => ({
      id: `mail_${String(nth++).padStart(12, "0")}`,
      to: "ada@example.org",
      subject: "Hello",
      text: "Hello, Ada.\n",
      attachments: [],
      date: Date.UTC(2026, 0, 2),
      ...more,
    });
    const received = async (act: () => Promise<void>) => {
      const before = subject.arrived().length;
      await act();
      return subject.arrived().slice(before);
    };
    const refusalOf = (sending: Promise<void>) =>
      sending.then(
        () => Promise.reject(new Error("it was sent")),
        (error: unknown) => Problem.wrap(error),
      );

    test("a mail arrives as it was written, its attachments byte for byte", async () => {
      const mail = mailOf({
        subject: "Grüße: your beacon “Ada” is ready ✓ 🚀",
        text: "Hello, Ådá.\n\nhttps://ada.example.org/?a=1&b=2\n",
        html: "<p>Hello, <b>Ådá</b>.</p>",
        attachments: [
          { filename: "handbook.pdf", contentType: "application/pdf", content: everyByte },
          { filename: "Grüße 📮.txt", contentType: "text/plain", content: Buffer.from("ü\r\n\n.\n") },
        ],
      });
      const [arrived, ...more] = await received(() => subject.open("right").send(mail));
      expect(more).toEqual([]);
      expect(arrived).toMatchObject({ from: sender, to: ["ada@example.org"], subject: mail.subject });
      expect(arrived?.text.replaceAll("\r\n", "\n").trim()).toBe(mail.text.trim());
      expect(arrived?.html?.trim()).toBe(mail.html);
      const names = arrived?.attachments.map(({ filename, contentType }) => [filename, contentType.split(";")[0]]);
      expect(names).toEqual(mail.attachments.map(({ filename, contentType }) => [filename, contentType]));
      for (const [index, { content }] of mail.attachments.entries()) {
        expect(Buffer.compare(Buffer.from(arrived?.attachments[index]?.content ?? []), Buffer.from(content))).toBe(0);
      }
    });

    test("a mail needs no HTML and no attachment", async () => {
      const [arrived] = await received(() => subject.open("right").send(mailOf()));
      expect(arrived).toMatchObject({ html: undefined, attachments: [] });
    });

    test("two mails of the same words are two", async () => {
      const mailer = subject.open("right");
      const arrived = await received(async () => {
        await mailer.send(mailOf());
        await mailer.send(mailOf());
      });
      expect(arrived).toHaveLength(2);
    });

    test("a mail whose answer was lost is sent again, by another hub too, and is one mail", async () => {
      const mail = mailOf({
        attachments: [{ filename: "a.bin", contentType: "application/octet-stream", content: everyByte }],
      });
      const arrived = await received(async () => {
        subject.loseNextAnswer();
        expect(await refusalOf(subject.open("right").send(mail))).toMatchObject({ retryable: true });
        await subject.open("right").send(mail);
        await subject.open("right").send(mail);
      });
      if (subject.sentAgain === "arrives once") expect(arrived).toHaveLength(1);
      else {
        expect(arrived.length).toBeGreaterThan(1);
        expect(new Set(arrived.map(({ messageId }) => messageId))).toEqual(new Set([arrived[0]?.messageId]));
        expect(arrived[0]?.messageId).toContain(mail.id);
      }
    });

    test("an address that is none is refused in words, and keeps nobody else from mail", async () => {
      const mailer = subject.open("right");
      const arrived = await received(async () => {
        const problem = await refusalOf(mailer.send(mailOf({ to: "no address" })));
        expect(problem.code).toBe("mail_refused");
        expect(problem.hint).toBeDefined();
        await mailer.send(mailOf());
      });
      expect(arrived.map(({ to }) => to)).toEqual([["ada@example.org"]]);
    });

    test("while the other side is away a mail can be sent again later", async () => {
      const mail = mailOf();
      const arrived = await received(async () => {
        await subject.goAway();
        const problem = await refusalOf(subject.open("right").send(mail));
        expect(problem).toMatchObject({ code: "mail_refused", retryable: true });
        await subject.comeBack();
        await subject.open("right").send(mail);
      });
      expect(arrived).toHaveLength(1);
    });

    test("wrong credentials are the operator's to put right, and are told to nobody", async () => {
      const arrived = await received(async () => {
        const problem = await refusalOf(subject.open("wrong").send(mailOf()));
        expect(problem.code).toBe("mail_refused");
        expect(problem.hint).toMatch(/settings/);
        expect(JSON.stringify([problem, problem.message])).not.toContain(subject.secret);
      });
      expect(arrived).toEqual([]);
    });
  });
}
