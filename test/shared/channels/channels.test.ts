import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import type { Notice } from "#shared/channels/channel.ts";
import { discord } from "#shared/channels/discord.ts";
import { email } from "#shared/channels/email.ts";
import { channelKinds } from "#shared/channels/index.ts";
import { pagerduty } from "#shared/channels/pagerduty.ts";
import { slack } from "#shared/channels/slack.ts";
import { webhook } from "#shared/channels/webhook.ts";
import { Problem } from "#shared/problem.ts";
import { type ChannelsSimulator, startChannels } from "#test/simulators/channels.ts";

let services: ChannelsSimulator;
beforeAll(async () => {
  services = await startChannels();
});
afterEach(() => expect(services.received.length).toBeGreaterThan(0));
afterAll(() => services.stop());

const tools = { fetch, now: () => 1_700_000_000_000 };
const secret = `whsec_${Buffer.from("a secret of thirty-two bytes !!!").toString("base64")}`;

const event: AlertEvent = {
  id: "disk-full /srv/my data 1700000000000 fired",
  rule: "disk-full",
  subject: "/srv/my data",
  kind: "fired",
  severity: "critical",
  title: "The disk at /srv/my data is 97 % full: <apps> & more may stop",
  value: 97,
  at: 1_700_000_000_000,
  firedAt: 1_700_000_000_000,
};
const notice: Notice = {
  event,
  beacon: { id: "bcn_00000000", name: "ada", domain: "ada.example.org" },
  link: "https://hub.example.org/beacons/bcn_00000000",
};
const over: Notice = {
  ...notice,
  event: { ...event, id: event.id.replace("fired", "resolved"), kind: "resolved", at: event.at + 60_000, value: 40 },
};
const last = () => services.received.at(-1);

/** Sends over each kind that goes out over HTTP. */
const ways: Record<string, (notice: Notice, url: string) => Promise<void>> = {
  slack: (what, webhookUrl) => slack.send(what, { webhookUrl }, tools),
  discord: (what, webhookUrl) => discord.send(what, { webhookUrl }, tools),
  pagerduty: (what, url) => pagerduty.send(what, { routingKey: "k".repeat(32), url }, tools),
  webhook: (what, url) => webhook.send(what, { url, secret }, tools),
};
const kinds = ["slack", "discord", "pagerduty", "webhook"] as const;

it("has every kind under its own name", () => {
  expect(channelKinds.map(({ kind }) => kind)).toEqual(["discord", "email", "pagerduty", "slack", "webhook"]);
  return slack.send(notice, { webhookUrl: services.url("slack") }, tools);
});

describe.each(kinds)("%s", (kind) => {
  const send = (what: Notice, url = services.url(kind)) => ways[kind]?.(what, url) ?? Promise.reject(new Error(kind));

  it("takes what fired and what is over, as its documentation asks for it", async () => {
    await send(notice);
    await send(over);
    expect(services.received.slice(-2).map(({ service }) => service)).toEqual([kind, kind]);
    expect(last()?.text).toContain("ada");
  });

  it("takes titles of any length and character", async () => {
    await send({ ...notice, event: { ...event, title: "ü\n\"'`@everyone ".repeat(500) } });
    expect(last()?.service).toBe(kind);
  });

  it.each([429, 500, 503])("is tried again after %d", async (status) => {
    services.fail(status, { "retry-after": "7" });
    const problem = await send(notice).catch((error: unknown) => error);
    expect(problem).toMatchObject({ code: "channel_unavailable", details: { status, retryAfterSeconds: 7 } });
  });

  it.each([400, 403, 404, 410])("is given up after %d", async (status) => {
    services.fail(status);
    await expect(send(notice)).rejects.toMatchObject({ code: "channel_refused", details: { status } });
  });

  it("never says its address, which is a secret, nor follows it elsewhere", async () => {
    services.fail(302, { location: "http://127.0.0.1:1/elsewhere" });
    for (const url of ["http://127.0.0.1:1/T0000/secret-part", services.url(kind)]) {
      const problem = await send(notice, url).catch(Problem.wrap);
      expect(problem).toMatchObject({ code: "channel_unavailable" });
      expect(JSON.stringify(problem)).not.toContain("secret-part");
    }
  });
});

describe("what each says", () => {
  it("Slack: no markup out of a title", async () => {
    await slack.send(notice, { webhookUrl: services.url("slack") }, tools);
    expect(last()?.body).toEqual({
      text:
        ":rotating_light: Critical · ada: The disk at /srv/my data is 97 % full: &lt;apps&gt; &amp; more may stop" +
        " — <https://hub.example.org/beacons/bcn_00000000|ada.example.org>",
    });
  });

  it("Discord: nobody is called by a title", async () => {
    await discord.send(notice, { webhookUrl: services.url("discord") }, tools);
    expect(last()?.body).toMatchObject({ allowed_mentions: { parse: [] } });
  });

  it("PagerDuty: both ends of an incident under one key", async () => {
    const settings = { routingKey: "k".repeat(32), url: services.url("pagerduty") };
    await pagerduty.send(notice, settings, tools);
    const opened = last()?.body;
    await pagerduty.send(over, settings, tools);
    expect(opened).toMatchObject({ event_action: "trigger", payload: { severity: "critical", class: "disk-full" } });
    expect(last()?.body).toMatchObject({ event_action: "resolve", dedup_key: Object(opened).dedup_key });
  });

  it("a webhook: an id that stays, and a signature that any library of Standard Webhooks can check", async () => {
    await webhook.send(notice, { url: services.url("webhook"), secret }, tools);
    const first = last();
    await webhook.send(notice, { url: services.url("webhook"), secret }, { ...tools, now: () => 1_700_000_060_000 });
    const headers = last()?.headers ?? {};
    const text = last()?.text ?? "";
    expect(headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(headers["webhook-timestamp"]).toBe("1700000060");
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`;
    const key = Buffer.from(secret.slice(6), "base64");
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  });

  it("e-mail: one mail for one event, over whatever server there is", async () => {
    const mails: { id: string; to: string; subject: string; text: string }[] = [];
    const mail = async (sent: (typeof mails)[number]) => void mails.push(sent);
    await email.send(notice, { to: "ada@example.org" }, { ...tools, mail });
    await email.send(over, { to: "ada@example.org" }, { ...tools, mail });
    expect(mails.map(({ subject }) => subject)).toEqual([
      `Critical · ada: ${event.title}`,
      `Over · ada: ${event.title}`,
    ]);
    expect(new Set(mails.map(({ id }) => id)).size).toBe(2);
    await expect(email.send(notice, { to: "ada@example.org" }, tools)).rejects.toMatchObject({
      code: "channel_refused",
    });
  });

  it.each([
    [slack, { webhookUrl: "file:///etc/passwd" }],
    [discord, { webhookUrl: "not a url" }],
    [pagerduty, { routingKey: "short" }],
    [webhook, { url: "https://example.org", secret: "whsec_short" }],
    [email, { to: "nobody" }],
  ])("refuses settings that cannot work: $kind", ({ Settings }, settings) => {
    expect(Settings.safeParse(settings).success).toBe(false);
  });
});
