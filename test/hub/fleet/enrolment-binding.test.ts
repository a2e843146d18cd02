import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assertBound, type Binding } from "#hub/fleet/enrolment-binding.ts";
import { createEnrolments, type Enrolments } from "#hub/fleet/enrolments.ts";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { createEnrolmentTokenStore } from "#hub/store/enrolment-tokens.ts";
import { createAgentKey } from "../test-agent.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

const awaits: Binding["awaits"] = ["instanceId", "addresses"];

describe("a token for one server", () => {
  const told = { awaits, instanceId: "42", addresses: ["192.0.2.7", "2001:DB8::7"] };
  const shown = { instanceId: "42", address: "192.0.2.7" };

  const right: [string, Binding, Parameters<typeof assertBound>[1]][] = [
    ["the id and an address", told, shown],
    ["another of its addresses, written in another way", told, { ...shown, address: "2001:db8::7" }],
    [
      "an address that the provider writes out in full",
      { ...told, addresses: ["2001:0db8:0000:0000:0000:0000:0000:0007"] },
      { ...shown, address: "2001:db8::7" },
    ],
    [
      "what is no address of the Internet, as it is",
      { ...told, addresses: ["fe80::1%eth0"] },
      { ...shown, address: "FE80::1%eth0" },
    ],
    ["an address of IPv4 on a socket of both", told, { ...shown, address: "::ffff:192.0.2.7" }],
    ["what the provider does not tell", { awaits: [] }, { instanceId: undefined, address: "198.51.100.9" }],
    [
      "the id alone, where the provider tells no address",
      { awaits: ["instanceId"], instanceId: "42" },
      { ...shown, address: "198.51.100.9" },
    ],
  ];
  it.each(right)("fits %s", (_what, binding, of) => expect(() => assertBound(binding, of)).not.toThrow());

  const wrong: [string, Binding, Parameters<typeof assertBound>[1], string][] = [
    ["another id", told, { ...shown, instanceId: "43" }, "enrolment_elsewhere"],
    ["no id", told, { ...shown, instanceId: undefined }, "enrolment_elsewhere"],
    ["another address", told, { ...shown, address: "192.0.2.8" }, "enrolment_elsewhere"],
    ["a server of which the provider has told only the id yet", { awaits, instanceId: "42" }, shown, "unavailable"],
    ["a server of which it has told nothing yet", { awaits }, shown, "unavailable"],
  ];
  it.each(wrong)("does not fit %s", (_what, binding, of, code) => {
    expect(() => assertBound(binding, of)).toThrow(expect.objectContaining({ code, hint: expect.any(String) }));
  });
});

let hub: TestHub;
let enrolments: Enrolments;
beforeAll(async () => {
  hub = await startTestHub({ trustedProxies: ["127.0.0.1"] });
  enrolments = createEnrolments({
    tokens: createEnrolmentTokenStore(hub.db, hub.now),
    beacons: createBeaconStore(hub.db, hub.now),
    signer: { keys: () => Promise.reject(new Error("nobody enrols over this one")) },
    now: hub.now,
    onEnrolled: () => undefined,
    onRefused: () => undefined,
  });
});
afterAll(() => hub.stop());

const redeem = (token: string, instanceId: string, headers: Record<string, string> = {}) => {
  const { publicKey } = createAgentKey();
  const asked = { token, publicKey, agentVersion: "1.2.3", hostname: "ada", instanceId };
  return hub.client().post("/api/agent/enrol", asked, headers);
};
/** As the reverse proxy of the hub tells it. */
const from = (address: string) => ({ "x-forwarded-for": address });

describe("enrolling a server that was bought", () => {
  it("waits until the provider has said which one it is, and is not refused for ever", async () => {
    const beacon = await hub.addBeacon("early");
    const token = await enrolments.issue(beacon, { awaits });
    expect(await redeem(token, "1", from("192.0.2.1"))).toMatchObject({ status: 503, body: { code: "unavailable" } });
    await enrolments.expect(beacon, { instanceId: "1" });
    expect((await redeem(token, "1", from("192.0.2.1"))).status).toBe(503);
    await enrolments.expect(beacon, { addresses: ["192.0.2.1"] });
    expect((await redeem(token, "1", from("192.0.2.1"))).status).toBe(200);
    expect(await enrolments.refusal(beacon)).toBeUndefined();
  });

  it("refuses another one, says so once in the audit log and at the job, and uses nothing up", async () => {
    const beacon = await hub.addBeacon("stolen");
    const token = await enrolments.issue(beacon, { awaits });
    await enrolments.expect(beacon, { instanceId: "7", addresses: ["192.0.2.7"] });
    for (let times = 0; times < 3; times += 1) {
      expect(await redeem(token, "7", from("203.0.113.66"))).toMatchObject({
        status: 403,
        body: { code: "enrolment_elsewhere", message: expect.stringContaining("203.0.113.66") },
      });
    }
    expect((await redeem(token, "8", from("192.0.2.7"))).status).toBe(403);
    expect((await enrolments.refusal(beacon))?.message).toContain("came from 8");
    const { body } = await (await hub.operator()).get("/api/audit");
    const told = Object(body).entries.filter(({ action }: { action: string }) => action === "beacon.enrol-refused");
    expect(told).toHaveLength(2);
    expect(JSON.stringify(body)).not.toContain(token);
    expect((await redeem(token, "7", from("192.0.2.7"))).status).toBe(200);
  });

  it("believes no address that the server writes itself", async () => {
    const beacon = await hub.addBeacon("spoofed");
    const token = await enrolments.issue(beacon, { awaits });
    await enrolments.expect(beacon, { instanceId: "9", addresses: ["192.0.2.9"] });
    const spoofed = {
      "x-forwarded-for": "192.0.2.9, 203.0.113.66",
      forwarded: "for=192.0.2.9",
      "x-real-ip": "192.0.2.9",
    };
    expect((await redeem(token, "9", spoofed)).status).toBe(403);
  });

  it("lets any server in for whom the operator makes a token", async () => {
    const beacon = await hub.addBeacon("approved");
    const bound = await enrolments.issue(beacon, { awaits });
    await enrolments.expect(beacon, { instanceId: "5", addresses: ["192.0.2.5"] });
    expect((await redeem(bound, "6", from("192.0.2.6"))).status).toBe(403);
    const { body } = await (await hub.operator()).post(`/api/beacons/${beacon}/enrolment`);
    expect((await redeem(String(Object(body).token), "6", from("192.0.2.6"))).status).toBe(200);
  });
});
