import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mailgunMailer } from "#mail/mailgun.ts";
import { mailerContract, sender } from "#test/contracts/mailer.ts";
import { hasContracts } from "#test/simulators/contract.ts";
import { type Mailgun, startMailgun } from "#test/simulators/mailgun.ts";

const domain = "mg.example.org";
const apiKey = "key-0123456789abcdef";

describe.skipIf(!hasContracts())("Mailgun", () => {
  mailerContract("Mailgun", async () => {
    const simulator = await startMailgun({ domain, apiKey });
    return {
      open: (which) =>
        mailgunMailer.open(
          { domain, apiKey: which === "right" ? apiKey : "key-wrong", from: sender },
          { publicHost: "hub.example.org", endpoint: simulator.url },
        ),
      secret: "key-wrong",
      arrived: () => simulator.arrived,
      loseNextAnswer: () => simulator.fail(/^POST/, { kind: "lost" }),
      goAway: async () => simulator.fail(/./, { kind: "answer", status: 502, body: "Bad Gateway" }),
      comeBack: async () => simulator.calm(),
      sentAgain: "arrives once",
      violations: () => simulator.violations,
      stop: () => simulator.stop(),
    };
  });

  describe("over its simulator", () => {
    let simulator: Mailgun;
    beforeAll(async () => {
      simulator = await startMailgun({ domain, apiKey });
    });
    afterAll(() => simulator.stop());
    const open = (more: object = {}) =>
      mailgunMailer.open(
        { domain, apiKey, from: sender, ...more },
        { publicHost: "hub.example.org", endpoint: simulator.url },
      );
    const mail = {
      id: "mail_one",
      to: "ada@example.org",
      subject: "s",
      text: "t",
      attachments: [],
      date: Date.UTC(2026, 0, 2),
    };

    test("no link of a mail is rewritten or followed, and its Message-ID is ours", async () => {
      await open().send({ ...mail, id: "mail_plain" });
      expect(simulator.requests.at(-1)?.body).toMatchObject({
        "o:tracking": "no",
        "h:Message-Id": "<mail_plain@hub.example.org>",
      });
    });

    test("where its events lag behind, a second copy has the Message-ID of the first", async () => {
      simulator.indexEvents(false);
      simulator.fail(/^POST/, { kind: "lost" });
      await expect(open().send(mail)).rejects.toMatchObject({ code: "mail_refused" });
      await open().send(mail);
      expect(simulator.arrived.slice(-2).map(({ messageId }) => messageId)).toEqual([
        "mail_one@hub.example.org",
        "mail_one@hub.example.org",
      ]);
    });

    test("what is in the way of asking is in the way of sending: nobody gets a mail twice for it", async () => {
      const before = simulator.arrived.length;
      simulator.fail(/^GET/, { kind: "answer", status: 200, body: { surprise: true } });
      await expect(open().send({ ...mail, id: "mail_odd" })).rejects.toMatchObject({ code: "mail_refused" });
      expect(simulator.arrived).toHaveLength(before);
    });

    test("a domain that was never added there is told in Mailgun's words", async () => {
      const sent = open({ domain: "other.example.org" }).send({ ...mail, id: "mail_two" });
      await expect(sent).rejects.toMatchObject({
        message: expect.stringContaining("Domain not found: other.example.org"),
      });
    });
  });
});
