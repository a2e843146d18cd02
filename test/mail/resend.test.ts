import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resendMailer } from "#mail/resend.ts";
import { mailerContract, sender } from "#test/contracts/mailer.ts";
import { hasContracts } from "#test/simulators/contract.ts";
import { type Resend, startResend } from "#test/simulators/resend.ts";

const apiKey = "re_123456789";

describe.skipIf(!hasContracts())("Resend", () => {
  mailerContract("Resend", async () => {
    const simulator = await startResend(apiKey);
    return {
      open: (which) =>
        resendMailer.open(
          { apiKey: which === "right" ? apiKey : "re_wrong", from: sender },
          { publicHost: "hub.example.org", endpoint: simulator.url },
        ),
      secret: "re_wrong",
      arrived: () => simulator.arrived,
      loseNextAnswer: () => simulator.fail(/^POST/, { kind: "lost" }),
      goAway: async () => simulator.fail(/^POST/, { kind: "answer", status: 503, body: "<html>away" }),
      comeBack: async () => simulator.calm(),
      sentAgain: "arrives once",
      violations: () => simulator.violations,
      stop: () => simulator.stop(),
    };
  });

  describe("over its simulator", () => {
    let simulator: Resend;
    let ahead = 0;
    beforeAll(async () => {
      simulator = await startResend(apiKey, () => Date.now() + ahead);
    });
    afterAll(() => simulator.stop());
    const open = (from: string) =>
      resendMailer.open({ apiKey, from }, { publicHost: "hub.example.org", endpoint: simulator.url });
    const mail = { to: "ada@example.org", subject: "s", text: "t", attachments: [], date: 0 };

    test("a mail that was taken under another sender is not sent again", async () => {
      await open("one@example.org").send({ ...mail, id: "mail_one" });
      await open("two@example.org").send({ ...mail, id: "mail_one" });
      expect(simulator.arrived.map(({ from }) => from)).toEqual(["one@example.org"]);
    });

    test("a day later Resend knows nothing of it any more", async () => {
      await open("one@example.org").send({ ...mail, id: "mail_late" });
      ahead = 24 * 3_600_000 + 1;
      await open("one@example.org").send({ ...mail, id: "mail_late" });
      expect(simulator.arrived.slice(-2).map(({ subject }) => subject)).toEqual(["s", "s"]);
    });

    test("while the first of two tries is under way, the second waits", async () => {
      const body = { statusCode: 409, name: "concurrent_idempotent_requests", message: "in progress" };
      simulator.fail(/^POST/, { kind: "answer", status: 409, body });
      const sent = open("one@example.org").send({ ...mail, id: "mail_both" });
      await expect(sent).rejects.toMatchObject({ code: "mail_refused", retryable: true });
    });
  });
});
