import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { BeaconVisit } from "#shared/api/hub.ts";
import { until } from "../provisioning/until.ts";
import { inventoryOf } from "../test-agent.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let beacon: TestBeacon;
beforeAll(async () => {
  hub = await startTestHub();
  beacon = await hub.enrolled("ada", "ada@example.org");
});
afterAll(() => hub.stop());

const jwks = async () => {
  const { keys } = z
    .object({ keys: z.array(z.record(z.string(), z.unknown())) })
    .parse((await hub.client().get("/.well-known/jwks.json")).body);
  const set: JSONWebKeySet = { keys: keys.map((key) => ({ kty: "OKP", ...key })) };
  return createLocalJWKSet(set);
};
const visit = async () => (await hub.owner("ada@example.org")).post(`/api/beacons/${beacon.enrolment.beacon}/visit`);

describe("a visit", () => {
  it("has to wait until the beacon has said where its dashboard is", async () => {
    expect(await visit()).toMatchObject({ status: 503, body: { code: "unavailable" } });
    const link = await beacon.connect();
    link.send({ type: "inventory", inventory: inventoryOf("ada.localhost") });
    await link.take("ack");
    expect((await visit()).status).toBe(200);
    await link.close();
  });

  it("is a token for one person and one beacon, good for five minutes", async () => {
    const { url, token } = BeaconVisit.parse((await until(visit, ({ status }) => status === 200)).body);
    expect(url).toBe("https://ada.localhost:8443/session");
    const expected = { issuer: hub.url, audience: beacon.enrolment.beacon, algorithms: ["EdDSA"] };
    const { payload, protectedHeader } = await jwtVerify(token, await jwks(), expected);
    expect(protectedHeader).toMatchObject({ alg: "EdDSA", kid: expect.any(String) });
    expect(payload).toMatchObject({ email: "ada@example.org", role: "owner", sub: expect.any(String) });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    const elsewhere = jwtVerify(token, await jwks(), { ...expected, audience: "bcn_12345678" });
    await expect(elsewhere).rejects.toThrow(errors.JWTClaimValidationFailed);
    const later = jwtVerify(token, await jwks(), { ...expected, currentDate: new Date(Date.now() + 301_000) });
    await expect(later).rejects.toThrow(errors.JWTExpired);
  });

  it("is in the audit log, without the token", async () => {
    const { token } = BeaconVisit.parse((await visit()).body);
    const { body } = await (await hub.operator()).get("/api/audit");
    expect(body).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ action: "beacon.visit", actor: "ada@example.org" })]),
    });
    expect(JSON.stringify(body)).not.toContain(token);
  });
});
