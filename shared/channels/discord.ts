import { z } from "zod";
import { defineChannel, headline, post, SecretUrl, shorten } from "./channel.ts";

const Settings = z.strictObject({ webhookUrl: SecretUrl });

/** Of one message: https://docs.discord.com/developers/resources/webhook#execute-webhook */
const LONGEST_CONTENT = 2000;

/** A webhook of a channel. Nobody is mentioned, whatever stands in the text. */
export const discord = defineChannel({
  kind: "discord",
  title: "Discord",
  Settings,
  secrets: ["webhookUrl"],
  send: (notice, { webhookUrl }, tools) => {
    const content = shorten(`${headline(notice)}\n<${notice.link}>`, LONGEST_CONTENT);
    const body = JSON.stringify({ content, allowed_mentions: { parse: [] } });
    return post({ to: "Discord", url: webhookUrl, body }, tools);
  },
});
