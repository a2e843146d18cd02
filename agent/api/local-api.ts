import { join } from "node:path";
import type { Alerting } from "../alerts/alerting.ts";
import type { AgentConfig } from "../config.ts";
import type { Engine } from "../engine.ts";
import type { Measuring } from "../metrics/measuring.ts";
import type { AgentDatabase } from "../store/database.ts";
import { createLoginLinks } from "../trust/login-links.ts";
import { createSpentTokens } from "../trust/spent-tokens.ts";
import type { Trust } from "../trust/trust.ts";
import { type ApiSocket, serveApi } from "./listen.ts";
import type { ListenerParts, Listeners } from "./listeners.ts";

/** What the API takes as it is. */
type Plain = Pick<
  ListenerParts,
  | "enrolment"
  | "hub"
  | "inventory"
  | "settings"
  | "status"
  | "dashboardUrl"
  | "pages"
  | "agentVersion"
  | "now"
  | "newId"
  | "log"
>;

export interface LocalApiParts extends Plain {
  readonly config: Pick<AgentConfig, "dataDirectory" | "listen">;
  readonly db: AgentDatabase;
  readonly engine: Pick<Engine, "queue" | "modules" | "logs" | "exec" | "execSessions">;
  readonly measuring: Pick<Measuring, "metrics" | "live">;
  readonly alerting: Alerting;
  readonly trust: Trust;
}

/**
 * Opens the doors of the beacon: a socket for root, one for Caddy, and an address where one is configured. What answers behind them
 * is loaded with the first request.
 * @returns closes them, and breaks off what is being answered
 * @throws {Problem} `port_taken`, `invalid_input` for a path that is too long
 */
export function serveLocalApi(parts: LocalApiParts): Promise<() => Promise<void>> {
  const { config, log } = parts;
  let loading: Promise<Listeners> | undefined;
  const listeners = () => {
    loading ??= import("./listeners.ts").then(({ createListeners }) => createListeners(listenerParts(parts)));
    return loading;
  };
  const root: ApiSocket["load"] = async () => (await listeners()).root;
  const person: ApiSocket["load"] = async () => (await listeners()).person;
  const inData = (name: string) => join(config.dataDirectory, name);
  return serveApi(
    [
      { address: { path: inData("root.sock"), mode: 0o600 }, load: root },
      // Caddy's container reaches it as whatever user it runs as; who asks has to show who it is.
      { address: { path: inData("caddy/web.sock"), mode: 0o666 }, load: person },
      ...(config.listen === undefined ? [] : [{ address: config.listen, load: person }]),
    ],
    log,
  );
}

function listenerParts({ db, engine, measuring, alerting, trust, ...plain }: LocalApiParts): ListenerParts {
  const { enrolment, hub, now } = plain;
  const { alerts, silences, settings, ownerChannels } = alerting;
  const { sessions, people, hubKeys, linkStatus, departure, rotation } = trust;
  return {
    ...plain,
    queue: engine.queue,
    modules: engine.modules,
    logs: engine.logs,
    exec: engine.exec.open,
    execSessions: engine.execSessions,
    metrics: measuring.metrics,
    live: measuring.live,
    alerts,
    alertRules: settings.rules,
    silences,
    ownerChannels,
    tokens: { keys: hubKeys, hub, beacon: enrolment.beacon, people, spent: createSpentTokens(db, now), now },
    sessions,
    trust: {
      link: linkStatus.view,
      leave: departure.begin,
      rotateKey: rotation.begin,
      loginLinks: createLoginLinks(db, enrolment.owner, now),
    },
  };
}
