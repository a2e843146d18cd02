// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.
import { discord } from "./discord.ts";
import { email } from "./email.ts";
import { pagerduty } from "./pagerduty.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

export const channelKinds = [discord, email, pagerduty, slack, webhook] as const;
