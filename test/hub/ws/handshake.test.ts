import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeCodes } from "#shared/protocol/frames.ts";
import { PROTOCOL } from "#shared/protocol/version.ts";
import { until } from "../provisioning/until.ts";
import { connect, createAgentKey, dial, sayHello } from "../test-agent.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let beacon: TestBeacon;
beforeAll(async () => {
  hub = await startTestHub();
  beacon = await hub.enrolled("ada");
});
afterAll(() => hub.stop());

const isOnline = async (id: string) => {
  const { body } = await (await hub.operator()).get(`/api/beacons/${id}/overview`);
  return body;
};

describe("the handshake", () => {
  it("lets an agent in that proves its key, and proves the hub to it", async () => {
    const link = await beacon.connect();
    await until(
      () => isOnline(beacon.enrolment.beacon),
      (seen) => JSON.stringify(seen).includes('"online":true'),
    );
    await link.close();
    const overview = await until(
      () => isOnline(beacon.enrolment.beacon),
      (seen) => JSON.stringify(seen).includes('"online":false'),
    );
    expect(overview).toMatchObject({ agentVersion: "1.2.3", lastSeenAt: expect.any(Number) });
  });

  const refusals = [
    ["another key", () => ({ key: createAgentKey() }), "key_refused"],
    [
      "the nonce of another connection",
      () => ({ statement: { challenge: "another-connections-nonce" } }),
      "key_refused",
    ],
    ["the origin of another hub", () => ({ statement: { hub: "https://evil.example" } }), "key_refused"],
    ["a statement of another beacon", () => ({ statement: { beacon: "bcn_12345678-another" } }), "key_refused"],
    ["an unknown beacon", () => ({ signer: "bcn_12345678-unknown" }), "key_refused"],
    ["a newer protocol", () => ({ protocol: PROTOCOL + 1 }), "protocol_unsupported"],
    ["an older protocol", () => ({ protocol: 0 }), "protocol_unsupported"],
  ] as const;

  it.each(refusals)("refuses %s", async (_, lie, code) => {
    const link = await dial(hub.url);
    await sayHello(hub.url, link, { enrolment: beacon.enrolment, key: beacon.key, ...lie() });
    const { problem } = await link.take("refuse");
    expect(problem).toMatchObject({ code, hint: expect.any(String) });
    expect(await link.closed).toEqual({ code: closeCodes.refused, reason: code });
  });

  it("refuses a beacon that was removed", async () => {
    const gone = await hub.enrolled("gone");
    await hub.beacons.remove(gone.enrolment.beacon);
    const link = await dial(hub.url);
    await sayHello(hub.url, link, gone);
    expect((await link.take("refuse")).problem.code).toBe("beacon_revoked");
    expect((await link.closed).code).toBe(closeCodes.revoked);
  });

  it("closes the first of two links of one beacon, and stays online", async () => {
    const twice = await hub.enrolled("twice");
    const first = await twice.connect();
    const second = await twice.connect();
    expect(await first.closed).toEqual({ code: closeCodes.replaced, reason: "replaced" });
    expect(await isOnline(twice.enrolment.beacon)).toMatchObject({ online: true });
    await second.close();
  });

  it("does not answer upgrades elsewhere", async () => {
    const link = await dial(`${hub.url}/elsewhere`);
    expect((await link.closed).code).toBe(1006);
  });

  it("lets an agent back in after the hub was started again", async () => {
    const link = await beacon.connect();
    await hub.restart();
    expect((await link.closed).code).toBe(1001);
    await (await connect(hub.url, beacon)).close();
  });
});
