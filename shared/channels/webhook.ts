import { createHmac } from "node:crypto";
import { z } from "zod";
import { defineChannel, post, SecretUrl } from "./channel.ts";

const Settings = z.strictObject({
  url: SecretUrl,
  /** `whsec_` and base64 of 24 to 64 bytes. */
  secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, "expected whsec_ and 24 to 64 bytes in base64"),
});

/**
 * A signed request to any server, by Standard Webhooks: `webhook-id` is the same for the same event, so that the receiver can tell a
 * repetition. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const webhook = defineChannel({
  kind: "webhook",
  title: "Webhook",
  Settings,
  secrets: ["url", "secret"],
  send: ({ event, beacon, link }, { url, secret }, tools) => {
    const timestamp = String(Math.floor(tools.now() / 1000));
    const body = JSON.stringify({
      type: `alert.${event.kind}`,
      timestamp: new Date(event.at).toISOString(),
      data: { ...event, beacon, link },
    });
    // A header value: ids of events hold names of mount points.
    const id = `${beacon.id}.${Buffer.from(event.id).toString("base64url")}`;
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
    return post({ to: "the webhook", url, body, headers }, tools);
  },
});
