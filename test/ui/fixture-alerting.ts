import { Hono } from "hono";
import { z } from "zod";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import { type AlertRule, AlertRules } from "#shared/alerts/rule.ts";
import { AlertRulesView, FleetAlert, OwnerNotices, silences } from "#shared/api/alerts.ts";
import { ChannelInput, ChannelsView, ChannelView } from "#shared/api/channels.ts";
import { channelKindViews } from "#shared/channel-registry.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import type { FixtureBeacon } from "./fixture-beacon.ts";
import { answer } from "./fixture-routes.ts";

export const fixtureEvent = (changes: Partial<AlertEvent> = {}): AlertEvent => {
  const firedAt = Date.now() - 26 * 60_000;
  const { kind = "fired", rule = "disk-filling", subject = "/" } = changes;
  return {
    id: `${rule} ${subject} ${firedAt} ${kind}`,
    rule,
    subject,
    kind,
    severity: "warning",
    title: "The disk at / is 88 % full",
    value: 88,
    at: kind === "fired" ? firedAt : firedAt + 20 * 60_000,
    firedAt,
    ...changes,
  };
};

/** Channels and rules in memory. What ends in `/refused` takes no test notice. */
export class FixtureAlerting {
  channels: ChannelView[] = [];
  notices: OwnerNotices = { ownerMail: "critical" };
  rules: readonly AlertRule[] = defaultAlertRules;
  /** Names of the channels that a test notice went to. */
  readonly tested: string[] = [];
  readonly #refusing = new Set<string>();
  readonly #beacons: readonly FixtureBeacon[];

  constructor(beacons: readonly FixtureBeacon[]) {
    this.#beacons = beacons;
  }

  put(input: ChannelInput, id = `chn_fixture-${String(this.channels.length + 1).padStart(4, "0")}`): ChannelView {
    const kind = channelKindViews().find((known) => known.kind === input.kind);
    const secrets = (kind?.settings ?? []).filter(({ secret }) => secret).map(({ name }) => name);
    const before = this.channels.find((known) => known.id === id);
    for (const { name, required } of kind?.settings ?? []) {
      if (required && input.settings[name] === undefined && !before?.secrets.includes(name)) {
        throw new Problem(
          "invalid_input",
          `the settings of a channel ${input.kind} are not valid: ${name}: expected string`,
        );
      }
    }
    const isHidden = (name: string) => secrets.includes(name);
    if (Object.values(input.settings).some((value) => value.endsWith("/refused"))) this.#refusing.add(id);
    const view: ChannelView = {
      ...input,
      id,
      settings: Object.fromEntries(Object.entries(input.settings).filter(([name]) => !isHidden(name))),
      secrets,
      waiting: 0,
    };
    this.channels =
      before === undefined ? [...this.channels, view] : this.channels.map((c) => (c.id === id ? view : c));
    return view;
  }

  routes(): Hono {
    const view = () => ({ rules: [...this.rules], defaults: defaultAlertRules });
    return new Hono()
      .get("/alerts", (c) => {
        const firing = this.#beacons.flatMap(({ id, alerts }) =>
          alerts.firing.map((event) => {
            const silence = alerts.silences.find((one) => silences(one, event, Date.now()));
            return { beacon: id, event, ...(silence === undefined ? {} : { silence }) };
          }),
        );
        return answer(c, z.object({ firing: z.array(FleetAlert) }), { firing });
      })
      .get("/alerts/history", (c) => {
        const history = this.#beacons.flatMap(({ id, alerts }) =>
          alerts.history.map((event) => ({ beacon: id, event })),
        );
        return answer(c, z.object({ history: z.array(FleetAlert) }), { history });
      })
      .get("/beacons/:beacon/notices", (c) => answer(c, OwnerNotices, this.notices))
      .put("/beacons/:beacon/notices", async (c) => {
        this.notices = parseOr(OwnerNotices, await c.req.json(), "body");
        return answer(c, OwnerNotices, this.notices);
      })
      .get("/alert-rules", (c) => answer(c, AlertRulesView, view()))
      .put("/alert-rules", async (c) => {
        this.rules = parseOr(z.object({ rules: AlertRules }), await c.req.json(), "body").rules;
        return answer(c, AlertRulesView, view());
      })
      .route("/", this.channelRoutes());
  }

  /** Those of the hub's operator, and those of a beacon's owner. */
  channelRoutes(): Hono {
    return new Hono()
      .get("/channels", (c) => answer(c, ChannelsView, { channels: this.channels, kinds: channelKindViews() }))
      .post("/channels", async (c) =>
        answer(c, ChannelView, this.put(parseOr(ChannelInput, await c.req.json(), "body"))),
      )
      .put("/channels/:id", async (c) =>
        answer(c, ChannelView, this.put(parseOr(ChannelInput, await c.req.json(), "body"), c.req.param("id"))),
      )
      .delete("/channels/:id", (c) => {
        this.channels = this.channels.filter(({ id }) => id !== c.req.param("id"));
        return c.json({});
      })
      .post("/channels/:id/test", (c) => {
        const id = c.req.param("id");
        if (this.#refusing.has(id)) {
          throw new Problem("channel_refused", "Slack refused a notice (404)", {
            hint: "Check the channel's settings.",
          });
        }
        this.tested.push(this.channels.find((known) => known.id === id)?.name ?? "");
        return c.json({});
      });
  }
}
