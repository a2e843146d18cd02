import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { JobView } from "#shared/api/hub.ts";
import { makeRelease } from "#test/hub/releases/release-folder.ts";
import type { TestClient } from "#test/hub/test-client.ts";
import { startTestHub, type TestHub } from "#test/hub/test-hub.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { startDigitalocean } from "#test/simulators/digitalocean.ts";
import { startHetzner } from "#test/simulators/hetzner.ts";
import type { SimulatedVendor } from "#test/simulators/simulated-vendor.ts";

/** A hub with accounts at two simulated vendors, and no machine of its own. */
describe.skipIf(!hasContracts())(hasContracts() ? "orders at vendors" : NO_CONTRACTS, () => {
  let folder: string;
  let hub: TestHub;
  let operator: TestClient;
  let hetzner: SimulatedVendor;
  let digitalocean: SimulatedVendor;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "wopr-vendors-"));
    [hetzner, digitalocean] = await Promise.all([startHetzner(), startDigitalocean()]);
    hub = await startTestHub({ providers: {}, releases: makeRelease(folder).settings }, undefined, {
      vendorEndpoints: { hetzner: `${hetzner.url}/v1`, digitalocean: digitalocean.url },
    });
    operator = await hub.operator();
  });
  afterEach(async () => {
    await hub.stop();
    await Promise.all([hetzner.stop(), digitalocean.stop()]);
    rmSync(folder, { recursive: true });
    expect([...hetzner.violations, ...digitalocean.violations]).toEqual([]);
  });

  const enable = (name: string, credentials: SimulatedVendor["credentials"] | undefined, weight = 10) =>
    operator.put(`/api/providers/${name}`, {
      ...{ enabled: true, weight },
      ...(credentials === undefined ? {} : { credentials }),
    });
  const enableBoth = async () => {
    await enable("hetzner", hetzner.credentials, 20);
    await enable("digitalocean", digitalocean.credentials);
  };
  const order = async (beacon: string, region?: string) => {
    const { body } = await operator.post("/api/orders", {
      ...{ email: "ada@example.org", beacon, modules: ["page"] },
      ...(region === undefined ? {} : { region }),
    });
    return JobView.parse(body).id;
  };
  const job = async (id: string) => JobView.parse((await operator.get(`/api/jobs/${id}`)).body);
  const made = ({ requests, creating }: SimulatedVendor) =>
    requests.filter(({ method, path }) => creating.test(`${method} ${path}`));
  /** What a vendor has of ours, as the hub's own account sees it. */
  const serversAt = async (vendor: SimulatedVendor) => {
    const [path, key] = vendor === hetzner ? ["/v1/servers", "servers"] : ["/v2/droplets", "droplets"];
    const answer = await fetch(`${vendor.url}${path}`, {
      headers: { authorization: `Bearer ${vendor.credentials.token}` },
    });
    const body: Record<string, { readonly name: string }[]> = await answer.json();
    return body[key] ?? [];
  };
  const untilWaiting = (id: string, waitingFor: string) =>
    expect.poll(async () => (await job(id)).waitingFor, { timeout: 30_000 }).toBe(waitingFor);

  test("wait while there is no account, and go on as soon as there is one", async () => {
    const id = await order("ada");
    await untilWaiting(id, "a provider to be set up");
    expect(await job(id)).toMatchObject({ state: "PAYMENT_RECEIVED", problem: { code: "unavailable" } });
    await enable("hetzner", hetzner.credentials);
    await untilWaiting(id, "the server to start");
    expect(await serversAt(hetzner)).toHaveLength(1);
    expect(await hub.beacons.byName("ada")).toMatchObject({ provider: "hetzner", region: "fsn1" });
  });

  test("that are sold out at one go to the other, with nothing left at the first, and its turn not used up", async () => {
    await enableBoth();
    hetzner.sellOut(true);
    const id = await order("ada");
    await untilWaiting(id, "the server to start");
    expect(made(hetzner)).toHaveLength(1);
    expect([(await serversAt(hetzner)).length, (await serversAt(digitalocean)).length]).toEqual([0, 1]);
    const beacon = await hub.beacons.byName("ada");
    expect(beacon).toMatchObject({ provider: "digitalocean", providerId: expect.any(String) });
    const events = (await job(id)).events.map(({ message }) => message);
    expect(events).toContainEqual(expect.stringMatching(/^Hetzner Cloud is passed over: /));
    hetzner.sellOut(false);
    await untilWaiting(await order("bob"), "the server to start");
    expect(await hub.beacons.byName("bob")).toMatchObject({ provider: "hetzner" });
  });

  test("are placed without a look whether the server is there: nobody was asked for it before", async () => {
    await enableBoth();
    await untilWaiting(await order("ada"), "the server to start");
    const [first] = hetzner.requests.filter(({ path }) => path === "/servers");
    expect(first?.method).toBe("POST");
  });

  test("whose answer was lost have one server, at the one that made it", async () => {
    await enableBoth();
    hetzner.fail(hetzner.creating, { kind: "lost" });
    const id = await order("ada", "nbg1");
    await untilWaiting(id, "the server to start");
    expect(made(hetzner)).toHaveLength(1);
    const [server] = await serversAt(hetzner);
    expect(server).toMatchObject({ location: { name: "nbg1" }, server_type: { name: "cx23" } });
    expect(await serversAt(digitalocean)).toEqual([]);
    expect(await hub.beacons.byName("ada")).toMatchObject({ provider: "hetzner", region: "nbg1" });
  });

  test("wait for a vendor that is away, and go to the other one when that takes long", async () => {
    await enable("hetzner", hetzner.credentials, 20);
    const down = { kind: "answer", status: 503, body: "down" } as const;
    hetzner.fail(hetzner.creating, ...Array.from({ length: 40 }, () => down));
    const id = await order("ada");
    // An account that is checked has jobs looked at now, and not at the end of a pause.
    const tries = async () => {
      await operator.post("/api/providers/hetzner/check");
      return made(hetzner).length;
    };
    await expect.poll(tries, { timeout: 60_000 }).toBeGreaterThan(10);
    expect(await job(id)).toMatchObject({
      ...{ state: "PROVISIONING_VPS", waitingFor: "another try: Hetzner Cloud: it answered 503" },
      problem: { code: "provider_unavailable" },
    });
    await enable("digitalocean", digitalocean.credentials);
    await untilWaiting(id, "the server to start");
    expect([(await serversAt(hetzner)).length, (await serversAt(digitalocean)).length]).toEqual([0, 1]);
    expect((await job(id)).events.map(({ message }) => message)).toContain(
      "Hetzner Cloud is passed over: Hetzner Cloud: it answered 503",
    );
  });

  test("wait when the credentials are revoked midway, and go on when others are put in", async () => {
    await enable("hetzner", { token: "a-token-that-was-revoked" });
    const id = await order("ada");
    await untilWaiting(id, "other credentials");
    expect(await job(id)).toMatchObject({ state: "PROVISIONING_VPS", problem: { code: "provider_credentials" } });
    await operator.post("/api/providers/hetzner/check");
    await untilWaiting(id, "other credentials");
    // It outlives the hub.
    await hub.restart();
    expect((await job(id)).finishedAt).toBeUndefined();
    await enable("hetzner", hetzner.credentials);
    await untilWaiting(id, "the server to start");
    // Revoked again while its server starts.
    await enable("hetzner", { token: "revoked-again" });
    await untilWaiting(id, "other credentials");
    expect(await job(id)).toMatchObject({ state: "WAITING_FOR_VPS" });
    await enable("hetzner", hetzner.credentials);
    await untilWaiting(id, "the server to start");
    expect(await serversAt(hetzner)).toHaveLength(1);
    expect((await job(id)).events.filter(({ state }) => state === "FAILED")).toEqual([]);
  });

  test("that are cancelled leave nothing at any of them, also at one that is not used any more", async () => {
    await enableBoth();
    const id = await order("ada");
    await untilWaiting(id, "the server to start");
    await operator.put("/api/providers/hetzner", { enabled: false, weight: 0 });
    hetzner.clock.pass(60_000);
    await operator.post(`/api/jobs/${id}/cancel`);
    // A server is deleted in its own time.
    await expect
      .poll(
        async () => {
          hetzner.clock.pass(5000);
          return (await job(id)).finishedAt;
        },
        { timeout: 60_000 },
      )
      .toBeDefined();
    hetzner.clock.pass(60_000);
    expect(await serversAt(hetzner)).toEqual([]);
    expect(await hub.beacons.byName("ada")).toBeUndefined();
  });
});
