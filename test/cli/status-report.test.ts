import { describe, expect, it } from "vitest";
import { type Condition, findingsOf, statusPage } from "#cli/status-report.ts";
import type { HostCertificate } from "#shared/certificates.ts";
import type { InstanceState, InstanceStatus } from "#shared/inventory.ts";
import { inventory } from "#test/agent/linked-agent.ts";
import { fixtureEvent } from "#test/ui/fixture-alerting.ts";

const now = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;
const GB = 1024 ** 3;

const instance = (name: string, state: InstanceState): InstanceStatus => ({
  ...{ name, module: name, title: name, version: "1", core: false, state },
  ...{ services: [], urls: [], parameters: {} },
});
const certificate = (days: number, lifeDays = 90): HostCertificate => ({
  host: "ada.example.org",
  certificate: { issuer: "R11", notBefore: now + (days - lifeDays) * DAY_MS, notAfter: now + days * DAY_MS },
});

interface Changes {
  readonly link?: Condition["link"];
  readonly waiting?: Partial<Condition["status"]["waiting"]>;
  readonly values?: Record<string, number>;
  readonly instances?: InstanceStatus[];
  readonly certificates?: HostCertificate[];
  readonly firing?: Condition["alerts"]["firing"];
}

function condition(changes: Changes = {}): Condition {
  const values = {
    ...{
      cpu_percent: 12.4,
      load_1: 0.42,
      memory_used_bytes: 2 * GB,
      memory_total_bytes: 8 * GB,
      uptime_seconds: 90_000,
    },
    ...{ "disk///used_bytes": 20 * GB, "disk///total_bytes": 80 * GB, time_since_sync_seconds: 700 },
    ...{ security_updates_count: 0, reboot_required_count: 0 },
    ...changes.values,
  };
  const { instances = [instance("umami", "running")], certificates = [certificate(60)] } = changes;
  return {
    overview: {
      ...{ id: "bcn_00000001", name: "ada", domain: "ada.example.org", online: true },
      inventory: { ...inventory, instances, certificates },
    },
    status: {
      agentVersion: "0.1.0",
      startedAt: now - 3 * DAY_MS,
      now,
      waiting: { samples: 0, events: 0, results: 0, ...changes.waiting },
      sample: { at: now, values },
    },
    alerts: { firing: changes.firing ?? [], history: [], silences: [] },
    link: "link" in changes ? changes.link : { state: "linked", since: now - 7_200_000 },
  };
}

const wrongIn = (changes: Changes) =>
  findingsOf(condition(changes))
    .filter(({ isWrong }) => isWrong)
    .map(({ what, says }) => `${what}: ${says}`);
const said = (changes: Changes, what: string) => findingsOf(condition(changes)).find((one) => one.what === what)?.says;

describe("how a beacon is", () => {
  it("is said on one screen when all is well", () => {
    const given = condition();
    const lines = statusPage(given, findingsOf(given)).split("\n");
    expect(lines[0]).toBe("ada (ada.example.org) · agent 0.1.0 up 3 d · machine up 1 d 1 h");
    expect(lines).toContain("  cpu           12 %, load 0.42");
    expect(lines).toContain("  disk /        20 GB of 80 GB (25 %)");
    expect(lines.at(-2)).toBe("Everything is well.");
    expect(lines.length).toBeLessThan(24);
    expect(wrongIn({})).toEqual([]);
  });

  it.each<[string, Changes, RegExp]>([
    [
      "a hub that is not reached",
      { link: { state: "away", since: now - 600_000 } },
      /^hub: not reached since .* \(10 min\)$/,
    ],
    ["a hub that shut it out", { link: { state: "revoked", since: now } }, /^hub: has shut this beacon out/],
    ["memory", { values: { memory_used_bytes: 7.5 * GB } }, /^memory: 7.5 GB of 8.0 GB \(94 %\)$/],
    ["a disk", { values: { "disk///used_bytes": 72 * GB } }, /^disk \/: 72 GB of 80 GB \(90 %\)$/],
    ["an app", { instances: [instance("umami", "degraded")] }, /^modules: 0 running, umami does not work$/],
    ["a certificate", { certificates: [certificate(5)] }, /^certificates: ada.example.org expires in 5 d$/],
    ["one that expired", { certificates: [certificate(-1)] }, /^certificates: ada.example.org has expired$/],
    ["one that is not there", { certificates: [{ host: "x.org" }] }, /^certificates: x.org has none$/],
    ["the clock", { values: { time_since_sync_seconds: 100_000 } }, /^clock: set right 1 d 3 h ago$/],
    ["an alert", { firing: [fixtureEvent({ firedAt: now - 60_000 })] }, /^warning: The disk .* \(for 1 min\)$/],
  ])("is not well with %s", (_, changes, words) => {
    expect(wrongIn(changes)).toEqual([expect.stringMatching(words)]);
    const given = condition(changes);
    expect(statusPage(given, findingsOf(given))).toMatch(/\n! [\s\S]*\nOne thing needs a look\.\n$/);
  });

  it("is still well while a link heals by itself, says why it is down, and what waits", () => {
    const link = {
      state: "away",
      since: now - 30_000,
      problem: { code: "timed_out", message: "nothing came from the hub" },
      retryAt: now + 4_000,
    } as const;
    const changes = { link, waiting: { samples: 3, results: 1 } };
    expect(wrongIn(changes)).toEqual([]);
    expect(said(changes, "hub")).toMatch(
      /^not reached since .* \(30 s\): nothing came from the hub, tried again in 4 s$/,
    );
    expect(said(changes, "to be sent")).toBe("3 samples, 1 results");
  });

  it("says what an owner has chosen without calling it wrong", () => {
    expect(wrongIn({ link: { state: "left", since: now - DAY_MS }, instances: [instance("a", "stopped")] })).toEqual(
      [],
    );
    expect(said({ values: { security_updates_count: 4, reboot_required_count: 1 } }, "updates")).toBe(
      "4 security updates wait, a reboot is required",
    );
    expect(said({ link: undefined }, "hub")).toBe("not said");
  });

  it("holds a certificate that lives for hours against its own life", () => {
    expect(wrongIn({ certificates: [certificate(0.4, 0.5)] })).toEqual([]);
    expect(wrongIn({ certificates: [certificate(0.1, 0.5)] })).toHaveLength(1);
  });
});
