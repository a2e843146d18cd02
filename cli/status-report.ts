import { z } from "zod";
import type { AlertsView } from "#shared/api/alerts.ts";
import type { BeaconOverview } from "#shared/api/beacon.ts";
import type { AgentStatus } from "#shared/api/status.ts";
import { Timestamp } from "#shared/names.ts";
import { ProblemBody } from "#shared/problem.ts";
import { duration, moment, size } from "./words.ts";

/** How the link to the hub is, as the beacon says at `GET /api/link`. */
export const LinkView = z.object({
  state: z.string(),
  since: Timestamp,
  problem: ProblemBody.optional(),
  retryAt: Timestamp.optional(),
});
export type LinkView = z.output<typeof LinkView>;

/** All that a beacon says of how it is. */
export interface Condition {
  readonly overview: BeaconOverview;
  readonly status: AgentStatus;
  readonly alerts: AlertsView;
  readonly link: LinkView | undefined;
}

export interface Finding {
  readonly what: string;
  readonly says: string;
  /** Somebody should look at it. */
  readonly isWrong: boolean;
}

/** A link that is tried again heals by itself for so long. */
const PATIENCE_MS = 120_000;
/** As the rules that come with the house. */
const CERTIFICATE_DAYS = 14;
const FULL_PERCENT = 85;
const BUSY_MEMORY_PERCENT = 90;
const DAY_MS = 86_400_000;

/** One line about each thing, the link first. A pure function of what the beacon said. */
export function findingsOf(condition: Condition): Finding[] {
  const values = condition.status.sample?.values ?? {};
  return [
    linkFinding(condition),
    waitingFinding(condition),
    ...loadFindings(values),
    ...diskFindings(values),
    appsFinding(condition),
    certificatesFinding(condition),
    ...upkeepFindings(values),
    ...alertFindings(condition),
  ];
}

const well = (what: string, says: string): Finding => ({ what, says, isWrong: false });

function linkFinding({ link, status }: Condition): Finding {
  if (link === undefined) return well("hub", "not said");
  const since = `since ${moment(link.since)} (${duration(status.now - link.since)})`;
  if (link.state === "linked") return well("hub", `linked ${since}`);
  if (link.state === "left") return well("hub", `detached ${since}`);
  const words = link.state === "revoked" ? "has shut this beacon out" : "not reached";
  const why = link.problem === undefined ? "" : `: ${link.problem.message}`;
  const retry =
    link.retryAt === undefined ? "" : `, tried again in ${duration(Math.max(0, link.retryAt - status.now))}`;
  const isWrong = link.state === "revoked" || status.now - link.since > PATIENCE_MS;
  return { what: "hub", says: `${words} ${since}${why}${retry}`, isWrong };
}

function waitingFinding({ status: { waiting } }: Condition): Finding {
  const counts = Object.entries(waiting).filter(([, count]) => count > 0);
  const words = counts.map(([what, count]) => `${count} ${what}`).join(", ");
  return well("to be sent", words === "" ? "nothing" : words);
}

function loadFindings(values: Readonly<Record<string, number>>): Finding[] {
  const { cpu_percent: cpu, load_1: load, memory_used_bytes: used, memory_total_bytes: total } = values;
  const found: Finding[] = [];
  if (cpu !== undefined)
    found.push(well("cpu", `${cpu.toFixed(0)} %${load === undefined ? "" : `, load ${load.toFixed(2)}`}`));
  if (used !== undefined && total !== undefined && total > 0) {
    const percent = (100 * used) / total;
    const says = `${size(used)} of ${size(total)} (${percent.toFixed(0)} %)`;
    found.push({ what: "memory", says, isWrong: percent > BUSY_MEMORY_PERCENT });
  }
  return found;
}

function diskFindings(values: Readonly<Record<string, number>>): Finding[] {
  return Object.entries(values).flatMap(([series, used]) => {
    const mount = /^disk\/(.+)\/used_bytes$/.exec(series)?.[1];
    const total = mount === undefined ? undefined : values[`disk/${mount}/total_bytes`];
    if (mount === undefined || total === undefined || total === 0) return [];
    const percent = (100 * used) / total;
    const says = `${size(used)} of ${size(total)} (${percent.toFixed(0)} %)`;
    return [{ what: `disk ${mount}`, says, isWrong: percent > FULL_PERCENT }];
  });
}

function appsFinding({ overview }: Condition): Finding {
  const instances = overview.inventory?.instances ?? [];
  const count = (state: string) => instances.filter((one) => one.state === state).length;
  const sick = instances.filter(({ state }) => state === "degraded");
  const words = [
    `${count("running")} running`,
    ...(count("starting") === 0 ? [] : [`${count("starting")} starting`]),
    ...(count("stopped") === 0 ? [] : [`${count("stopped")} stopped`]),
    ...sick.map(({ name }) => `${name} does not work`),
  ];
  return { what: "modules", says: words.join(", "), isWrong: sick.length > 0 };
}

function certificatesFinding({ overview, status }: Condition): Finding {
  const all = overview.inventory?.certificates ?? [];
  const soon = all.flatMap(({ host, certificate }) => {
    if (certificate === undefined) return [`${host} has none`];
    const days = (certificate.notAfter - status.now) / DAY_MS;
    const lifeDays = (certificate.notAfter - certificate.notBefore) / DAY_MS;
    // One that only lives for days is renewed in its last third.
    const isSoon = days < Math.min(CERTIFICATE_DAYS, lifeDays / 4);
    return isSoon ? [`${host} ${days < 0 ? "has expired" : `expires in ${duration(days * DAY_MS)}`}`] : [];
  });
  const says = soon.length === 0 ? `${all.length}, none expires soon` : soon.join(", ");
  return { what: "certificates", says, isWrong: soon.length > 0 };
}

function upkeepFindings(values: Readonly<Record<string, number>>): Finding[] {
  const { time_since_sync_seconds: sync, security_updates_count: updates, reboot_required_count: reboot } = values;
  const found: Finding[] = [];
  if (sync !== undefined)
    found.push({ what: "clock", says: `set right ${duration(sync * 1_000)} ago`, isWrong: sync > 86_400 });
  const waits = [
    ...(updates === undefined || updates === 0 ? [] : [`${updates} security updates wait`]),
    ...(reboot === 1 ? ["a reboot is required"] : []),
  ];
  if (updates !== undefined || reboot !== undefined)
    found.push(well("updates", waits.length === 0 ? "none wait" : waits.join(", ")));
  return found;
}

function alertFindings({ alerts: { firing }, status }: Condition): Finding[] {
  if (firing.length === 0) return [well("alerts", "none")];
  return firing.map(({ severity, title, firedAt }) => ({
    what: severity,
    says: `${title} (for ${duration(status.now - firedAt)})`,
    isWrong: true,
  }));
}

/** The same as a page of text, what is wrong marked. */
export function statusPage(condition: Condition, findings: readonly Finding[]): string {
  const { overview, status } = condition;
  const uptime = status.sample?.values.uptime_seconds;
  const width = Math.max(...findings.map(({ what }) => what.length));
  const head = [
    `${overview.name} (${overview.domain})`,
    `agent ${status.agentVersion} up ${duration(status.now - status.startedAt)}`,
    ...(uptime === undefined ? [] : [`machine up ${duration(uptime * 1_000)}`]),
  ].join(" · ");
  const lines = findings.map(({ what, says, isWrong }) => `${isWrong ? "!" : " "} ${what.padEnd(width)}  ${says}`);
  const wrong = findings.filter(({ isWrong }) => isWrong).length;
  const sum =
    wrong === 0 ? "Everything is well." : wrong === 1 ? "One thing needs a look." : `${wrong} things need a look.`;
  return `${[head, "", ...lines, "", sum].join("\n")}\n`;
}
