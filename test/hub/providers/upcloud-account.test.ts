import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { judge } from "#hub/providers/upcloud/answers.ts";
import { upcloudProvider } from "#hub/providers/upcloud.ts";
import { isActive, newBeacon, orderFor } from "#test/contracts/provider-under-test.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import type { SimulatedVendor } from "#test/simulators/simulated-vendor.ts";
import { startUpcloud } from "#test/simulators/upcloud.ts";

describe("what UpCloud means by its codes", () => {
  const old = (code: string, status = 409) =>
    judge({ status, body: { error: { error_code: code, error_message: "x" } } });

  it.each([
    ["AUTHENTICATION_FAILED", "provider_credentials"],
    ["INSUFFICIENT_CREDITS", "provider_quota"],
    ["PUBLIC_IPV4_LIMIT_REACHED", "provider_quota"],
    ["SERVER_CREATING_LIMIT_REACHED", "provider_unavailable"],
    ["STORAGE_RESOURCES_UNAVAILABLE", "provider_out_of_stock"],
    ["SERVER_STATE_ILLEGAL", "conflict"],
    ["HOSTNAME_INVALID", undefined],
  ])("%s: %s", (code, meant) => {
    expect(old(code)).toMatchObject({ code: meant, vendorCode: code, reason: "x" });
  });

  it("is read in both forms, and nothing into a page of a proxy", () => {
    const type = "https://developers.upcloud.com/1.3/errors#ERROR_AUTHENTICATION_FAILED";
    expect(judge({ status: 401, body: { type, title: "no", status: 401 } })).toMatchObject({
      code: "provider_credentials",
      reason: "no",
    });
    expect(judge({ status: 502, body: "<html>" })).toEqual({});
  });
});

describe.skipIf(!hasContracts())(hasContracts() ? "an account at UpCloud" : NO_CONTRACTS, () => {
  let upcloud: SimulatedVendor;
  beforeEach(async () => {
    upcloud = await startUpcloud();
  });
  afterEach(async () => {
    expect(upcloud.violations).toEqual([]);
    await upcloud.stop();
  });
  const open = () => upcloudProvider.open(upcloud.credentials, { endpoint: `${upcloud.url}/1.3`, ...upcloud.clock });
  const asked = () =>
    upcloud.requests.filter(({ method }) => method !== "GET").map(({ method, path, body }) => ({ method, path, body }));

  it("orders the disk of the plan, both kinds of addresses, and nobody's password", async () => {
    await open().create(orderFor(newBeacon(), { size: "6xCPU-16GB" }));
    expect(asked()).toMatchObject([
      {
        path: "/server",
        body: {
          server: {
            storage_devices: { storage_device: [{ action: "clone", size: 320, tier: "maxiops" }] },
            networking: { interfaces: { interface: [{ type: "public" }, { type: "public" }] } },
            login_user: { create_password: "no" },
            metadata: "yes",
          },
        },
      },
    ]);
  });

  it("names the plans that there are when one is asked for that there is not", async () => {
    const problem = await open()
      .create(orderFor(newBeacon(), { size: "1000xCPU" }))
      .catch((thrown: unknown) => thrown);
    expect(problem).toMatchObject({ code: "provider_refused", hint: expect.stringContaining("2xCPU-4GB") });
    expect(asked()).toEqual([]);
  });

  it("deletes a server that has just been ordered only when it is there, and stopped", async () => {
    const { id } = await open().create(orderFor(newBeacon()));
    await open().remove(id);
    expect(asked().map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /server",
      `POST /server/${id}/stop`,
      `DELETE /server/${id}`,
    ]);
    expect(upcloud.has(id)).toBe(false);
  });

  it("shuts a system down before its power goes, but for one that is deleted", async () => {
    const provider = open();
    const { id } = await provider.create(orderFor(newBeacon()));
    await provider.power(id, false);
    await provider.power(id, true);
    expect(isActive(await provider.get(id))).toBe(true);
    await provider.remove(id);
    const stops = asked().filter(({ path }) => path.endsWith("/stop"));
    expect(stops.map(({ body }) => body)).toMatchObject([
      { stop_server: { stop_type: "soft" } },
      { stop_server: { stop_type: "hard" } },
    ]);
  });

  it("tells the zones that are for everybody, in the words of countries", async () => {
    const regions = await open().regions();
    expect(regions).toContainEqual({ name: "fi-hel1", title: "Helsinki #1", country: "FI" });
    expect(regions.map(({ name }) => name)).not.toContain("uk-tst1");
  });
});
