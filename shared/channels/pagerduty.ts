import { z } from "zod";
import { hashOf } from "../hash.ts";
import { defineChannel, post, SecretUrl, shorten } from "./channel.ts";

const Settings = z.strictObject({
  /** Integration key of a service. */
  routingKey: z.string().length(32),
  /** The European service region has another one. */
  url: SecretUrl.default("https://events.pagerduty.com/v2/enqueue"),
});

const LONGEST_SUMMARY = 1024;

/**
 * Events API v2: what fired opens an incident, its end resolves the same one.
 * https://developer.pagerduty.com/docs/send-alert-event
 */
export const pagerduty = defineChannel({
  kind: "pagerduty",
  title: "PagerDuty",
  Settings,
  secrets: ["routingKey"],
  send: ({ event, beacon, link }, { routingKey, url }, tools) => {
    const body = JSON.stringify({
      routing_key: routingKey,
      event_action: event.kind === "resolved" ? "resolve" : "trigger",
      // At most 255 characters, the same for both ends of an incident.
      dedup_key: hashOf([beacon.id, event.rule, event.subject, event.firedAt]),
      payload: {
        summary: shorten(`${beacon.name}: ${event.title}`, LONGEST_SUMMARY),
        source: beacon.domain,
        severity: event.severity,
        timestamp: new Date(event.at).toISOString(),
        component: event.subject === "" ? "beacon" : event.subject,
        class: event.rule,
        custom_details: { value: event.value },
      },
      links: [{ href: link, text: "Open the beacon" }],
      client: "WOPR",
    });
    return post({ to: "PagerDuty", url, body }, tools);
  },
});
