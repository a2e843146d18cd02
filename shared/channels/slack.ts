import { z } from "zod";
import { defineChannel, headline, post, SecretUrl } from "./channel.ts";

const Settings = z.strictObject({ webhookUrl: SecretUrl });

/** Characters that mean something in Slack's text: https://docs.slack.dev/messaging/formatting-message-text#escaping */
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** An incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export const slack = defineChannel({
  kind: "slack",
  title: "Slack",
  Settings,
  secrets: ["webhookUrl"],
  send: (notice, { webhookUrl }, tools) => {
    const mark = notice.event.kind === "resolved" ? ":white_check_mark:" : ":rotating_light:";
    const text = `${mark} ${escaped(headline(notice))} — <${notice.link}|${escaped(notice.beacon.domain)}>`;
    return post({ to: "Slack", url: webhookUrl, body: JSON.stringify({ text }) }, tools);
  },
});
