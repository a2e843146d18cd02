import { describe, expect, it } from "vitest";
import { Problem } from "#shared/problem.ts";
import { beacon, found, JUST_NOW, job, LONG_AGO, NOW, order, plan, QUIET_MS, type SceneParts, ZONE } from "./scenes.ts";

const at = (name: string, ...addresses: string[]) => ({ domain: `${name}.${ZONE}`, addresses });
const gone = beacon({ removedAt: NOW - QUIET_MS });
const cancelled = order({
  job: job({ state: "CANCELLED", finishedAt: LONG_AGO }),
  payment: undefined,
  subscription: undefined,
});
const nothing: SceneParts = { beacons: [], orders: [], providers: [], stripe: [] };
const led: SceneParts = { ...nothing, beacons: [gone], orders: [cancelled], dns: [at("ada", "192.0.2.1")] };

describe("a domain that leads to a server of nobody’s", () => {
  it("is found, and taken away where its beacon has been", () => {
    expect(found(led)).toEqual([`orphan-record ada.${ZONE} !`]);
    expect(plan(led)).toMatchObject([
      {
        ...{ id: `orphan-record:ada.${ZONE}`, source: "dns", beacon: "beacon_ada" },
        fix: { kind: "remove-records", domain: `ada.${ZONE}` },
        detail: expect.stringContaining("lead to 192.0.2.1, where its beacon was until 2026-11-21"),
      },
    ]);
    const both = beacon({ removedAt: LONG_AGO, addresses: ["192.0.2.1", "2001:db8::1"] });
    expect(found({ ...led, beacons: [both], dns: [at("ada", "192.0.2.1", "2001:db8::1")] })).toEqual([
      `orphan-record ada.${ZONE} !`,
    ]);
  });

  it("is left to somebody else where no beacon of this hub has been", () => {
    expect(found({ ...nothing, dns: [at("eve", "192.0.2.66")] })).toEqual([`orphan-record eve.${ZONE}`]);
    expect(found({ ...led, dns: [at("ada", "192.0.2.66")] })).toEqual([`orphan-record ada.${ZONE}`]);
    expect(found({ ...led, dns: [at("ada", "192.0.2.1", "192.0.2.66")] })).toEqual([`orphan-record ada.${ZONE}`]);
  });

  it("is none while a beacon has the name, an order may get it, or something was just done", () => {
    for (const address of ["192.0.2.1", "192.0.2.66"]) expect(found({ dns: [at("ada", address)] })).toEqual([]);
    expect(found({ ...led, beacons: [{ ...gone, leftAt: LONG_AGO }] })).toEqual([]);
    expect(found({ ...led, beacons: [{ ...gone, removedAt: JUST_NOW }] })).toEqual([]);
    expect(found({ ...led, busy: [gone.id] })).toEqual([]);
    const making = order({ ...cancelled, job: job({ state: "DEPLOYING_WOPR", finishedAt: undefined }) });
    expect(found({ ...led, orders: [cancelled, making] })).toEqual([]);
    const failed = order({ ...cancelled, job: job({ state: "FAILED" }) });
    expect(found({ ...led, orders: [failed] })).toEqual([]);
  });

  it("is not known of while nobody answers for the names, which is said", () => {
    const away = new Problem("provider_unavailable", "Cloudflare does not answer");
    expect(plan({ ...led, dns: away })).toMatchObject([
      { id: "unreachable:dns", title: "Who answers for the names of beacons could not be asked" },
    ]);
    expect(plan({ ...led, dns: away })[0]).not.toHaveProperty("provider");
  });
});
