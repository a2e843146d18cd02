import type { Mailer } from "#mail/mailer.ts";
import { Problem } from "#shared/problem.ts";
import { createNudgedLoop } from "../nudged-loop.ts";
import type { DocumentStore } from "../store/documents.ts";
import type { MailStore, NewMail, StoredMail } from "../store/mails.ts";

/** A sender should try for four to five days (RFC 5321 section 4.5.4.1); then the mail stays in the store, unsent. */
const GIVE_UP_MS = 5 * 24 * 3_600_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

export interface MailQueueParts {
  readonly mails: MailStore;
  readonly documents: Pick<DocumentStore, "get">;
  readonly mailer: Mailer;
  readonly now: () => number;
  /** Told of each delivery that failed. */
  readonly onProblem: (problem: Problem, mail: { readonly id: string }) => void;
}

export interface MailState {
  readonly sentAt: number | undefined;
  /** Why the last try failed, and when, since this hub was started. */
  readonly problem: Problem | undefined;
  readonly triedAt: number | undefined;
}

export type OutgoingMail = Omit<NewMail, "createdAt">;

export interface MailQueue {
  /** Stores a mail to be sent. The same id again changes nothing. Returns before it is sent. */
  send(mail: OutgoingMail): Promise<void>;
  /** `undefined` for a mail that nobody has sent. */
  state(id: string): Promise<MailState | undefined>;
  /** A mail was stored in a transaction of somebody else's. */
  nudge(): void;
  /** Ends the pause before the next try; one that was given up is tried for as long again. */
  tryAgain(id: string): Promise<void>;
  /** Takes a mail back, when it has not gone out yet. */
  withdraw(id: string): Promise<void>;
  start(): void;
  /** Returns when no delivery is under way. What is unsent waits for the next start. */
  stop(): Promise<void>;
}

/**
 * Mails wait in the database until a server has taken them.
 *
 * A hub that is killed between the server's "250 OK" and its own commit cannot know that the mail went out, and sends
 * it again: SMTP has no exactly-once delivery. Both copies have the same Message-ID, date and content, by which
 * mailboxes recognise the second one. Everything before that moment is exactly once: a mail is its id.
 */
export function createMailQueue({ mails, documents, mailer, now, onProblem }: MailQueueParts): MailQueue {
  const problems = new Map<string, { readonly problem: Problem; readonly triedAt: number; readonly retryAt: number }>();

  const deliver = async (mail: StoredMail) => {
    try {
      await mailer.send({
        id: mail.id,
        to: mail.recipient,
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        attachments: await attachmentsOf(mail),
        date: mail.createdAt,
      });
      await mails.markSent(mail.id, now());
      problems.delete(mail.id);
    } catch (error) {
      const problem = Problem.wrap(error);
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** mail.attempts, LONGEST_PAUSE_MS);
      problems.set(mail.id, { problem, triedAt: now(), retryAt: now() + pauseMs });
      await mails.countAttempt(mail.id);
      onProblem(problem, mail);
    }
  };

  const attachmentsOf = async ({ attachment }: StoredMail) => {
    if (attachment === undefined) return [];
    const document = await documents.get(attachment);
    if (document === undefined) throw new Problem("not_found", `the document ${attachment} of a mail is missing`);
    return [{ filename: `${document.kind}.pdf`, contentType: "application/pdf", content: document.content }];
  };

  /** One mail after the other, each when its pause is over. @returns how long until the next one is due. */
  const sendDue = async (signal: AbortSignal): Promise<number> => {
    const waiting = await mails.unsent(now() - GIVE_UP_MS);
    for (const mail of waiting) {
      if (signal.aborted) break;
      if ((problems.get(mail.id)?.retryAt ?? 0) <= now()) await deliver(mail);
    }
    const retries = waiting.flatMap(({ id }) => problems.get(id)?.retryAt ?? []);
    return Math.min(LONGEST_PAUSE_MS, ...retries.map((retryAt) => Math.max(0, retryAt - now())));
  };

  const loop = createNudgedLoop({
    turn: sendDue,
    onError: (error) => onProblem(Problem.wrap(error), { id: "" }),
    errorPauseMs: FIRST_PAUSE_MS,
  });

  return {
    send: async (mail) => {
      await mails.put({ ...mail, createdAt: now() });
      loop.nudge();
    },
    state: async (id) => {
      const mail = await mails.get(id);
      const last = problems.get(id);
      return mail === undefined ? undefined : { sentAt: mail.sentAt, problem: last?.problem, triedAt: last?.triedAt };
    },
    nudge: loop.nudge,
    tryAgain: async (id) => {
      await mails.renew(id, { madeBefore: now() - GIVE_UP_MS, at: now() });
      problems.delete(id);
      loop.nudge();
    },
    withdraw: async (id) => {
      await mails.removeUnsent(id);
      problems.delete(id);
    },
    start: loop.start,
    stop: loop.stop,
  };
}
