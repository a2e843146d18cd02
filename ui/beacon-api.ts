import { z } from "zod";
import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import type { AlertsView, SilenceInput } from "#shared/api/alerts.ts";
import {
  BeaconEvent,
  type BeaconOverview,
  type CommandDetail,
  type CommandRequest,
  CommandView,
  LogLine,
  type MetricsView,
  ModuleSummary,
  type Plan,
} from "#shared/api/beacon.ts";
import { ProblemBody } from "#shared/problem.ts";
import { type LinkState, listen, openEventStream } from "./event-stream.ts";
import { createOpenExec, type OpenExec } from "./exec-connection.ts";

export interface LogHandlers {
  readonly onLine: (line: LogLine) => void;
  /** The log ended: the containers are gone, or it cannot be read. */
  readonly onEnd: (problem?: ProblemBody) => void;
  readonly onState: (state: LinkState) => void;
}

export interface WantedLog {
  readonly instance: string;
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** Only lines that contain it. */
  readonly match?: string | undefined;
}

export interface BeaconHandlers {
  readonly onOverview: (overview: BeaconOverview) => void;
  readonly onLive: (live: z.output<typeof BeaconEvent.live>) => void;
  readonly onCommand: (command: CommandView) => void;
  readonly onAlert: (event: AlertEvent) => void;
  readonly onState: (state: LinkState) => void;
}

/** All that the pages of one beacon can ask, whether the hub or the beacon itself answers. */
export interface BeaconApi {
  readonly overview: () => Promise<BeaconOverview>;
  readonly modules: () => Promise<ModuleSummary[]>;
  readonly plan: (request: CommandRequest) => Promise<Plan>;
  readonly commands: (limit: number) => Promise<CommandView[]>;
  readonly command: (id: string) => Promise<CommandDetail>;
  readonly submit: (request: CommandRequest) => Promise<CommandView>;
  readonly cancel: (id: string) => Promise<CommandView>;
  /** @param series Names, with `*` for any text in one place. */
  readonly metrics: (fromMs: number, toMs: number, series: readonly string[]) => Promise<MetricsView>;
  readonly exec: OpenExec;
  readonly alerts: () => Promise<AlertsView>;
  readonly silence: (input: SilenceInput) => Promise<AlertsView>;
  /** @returns closes it */
  readonly followLogs: (wanted: WantedLog, handlers: LogHandlers) => () => void;
  /** @returns closes it */
  readonly followEvents: (handlers: BeaconHandlers) => () => void;
}

/** Bodies of a beacon's answers that have no name in the contract. */
export const ModuleList = z.object({ modules: z.array(ModuleSummary) });
export const CommandList = z.object({ commands: z.array(CommandView) });

/** What is asked of a beacon's measurements. */
export const metricsQuery = (fromMs: number, toMs: number, series: readonly string[]) => ({
  from: String(Math.floor(fromMs)),
  to: String(Math.floor(toMs)),
  series: series.join(","),
});

const End = z.object({ problem: ProblemBody.optional() }).catch({});

const LOG_TAIL = 300;
/** As many as the page keeps. */
const MOST_LINES = 2_000;

/**
 * The parts of `BeaconApi` that are answered with server-sent events.
 * @param base `/api` on the beacon, `/api/beacons/{beacon}` on the hub
 */
export const followBeacon = (base: string): Pick<BeaconApi, "exec" | "followLogs" | "followEvents"> => ({
  exec: createOpenExec(base),
  followLogs: ({ instance, since, match }, { onLine, onEnd, onState }) => {
    const close = openEventStream({
      url: `${base}/logs/${instance}?${new URLSearchParams({
        tail: String(since === undefined ? LOG_TAIL : MOST_LINES),
        follow: "true",
        ...(since === undefined ? {} : { since: String(since) }),
        ...(match === undefined ? {} : { match }),
      })}`,
      listeners: [
        listen("line", LogLine, onLine),
        listen("end", End, ({ problem }) => {
          close();
          onEnd(problem);
        }),
      ],
      onState,
    });
    return close;
  },
  followEvents: ({ onOverview, onLive, onCommand, onAlert, onState }) =>
    openEventStream({
      url: `${base}/events`,
      listeners: [
        listen("overview", BeaconEvent.overview, onOverview),
        listen("live", BeaconEvent.live, onLive),
        listen("command", BeaconEvent.command, onCommand),
        listen("alert", BeaconEvent.alert, onAlert),
      ],
      onState,
    }),
});
