import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { hasContracts, NO_CONTRACTS, openContract, type SeenRequest } from "./contract.ts";
import { startSimulator } from "./simulator.ts";

const request = (method: string, path: string, body?: unknown, type = "application/json"): SeenRequest => {
  const url = new URL(path, "http://vendor");
  return { method, path: url.pathname, query: url.searchParams, headers: new Headers({ "content-type": type }), body };
};

const vendors = [
  ...["cloudflare", "contabo", "digitalocean", "hetzner", "hostinger", "linode"],
  ...["mailgun", "ovh", "powerdns", "resend", "stripe", "upcloud"],
];

describe.skipIf(!hasContracts())(hasContracts() ? "vendors' descriptions" : NO_CONTRACTS, () => {
  it.each(vendors)("%s: refuses what it does not describe", (vendor) => {
    expect(openContract(vendor).request(request("GET", "/no/such/path"))).toEqual([
      "GET /no/such/path is not described",
    ]);
  });

  it("takes a request that is described, and names what is wrong with others", () => {
    const hetzner = openContract("hetzner");
    const server = { name: "ada", server_type: "cx23", image: "debian-12" };
    expect(hetzner.request(request("POST", "/servers", server))).toEqual([]);
    expect(hetzner.request(request("POST", "/servers", { ...server, name: 5 }))).toEqual([
      expect.stringContaining("/name: must be string"),
    ]);
    expect(hetzner.request(request("POST", "/servers", { name: "ada" }))).toEqual(
      expect.arrayContaining([expect.stringContaining("server_type")]),
    );
    expect(hetzner.request(request("POST", "/servers"))).toEqual(["POST /servers: there is no body"]);
    expect(hetzner.request(request("POST", "/servers", server, "text/plain"))).toEqual([
      "POST /servers: a body of text/plain is not described",
    ]);
  });

  it("reads what stands in a URL as what it means", () => {
    const hetzner = openContract("hetzner");
    expect(hetzner.request(request("GET", "/servers?name=ada&page=2"))).toEqual([]);
    expect(hetzner.request(request("GET", "/servers?page=two"))).toEqual([
      expect.stringContaining("query parameter page"),
    ]);
    expect(hetzner.request(request("GET", "/servers?colour=red"))).toEqual([
      "GET /servers: the query parameter colour is not described",
    ]);
    expect(hetzner.request(request("GET", "/servers/ada"))).toEqual([expect.stringContaining("path parameter id")]);
  });

  it("checks answers by their status", () => {
    const digitalocean = openContract("digitalocean");
    const call = { method: "GET", path: "/v2/droplets/1" };
    expect(digitalocean.reply(call, { status: 200, body: { droplet: { id: "one" } } })).not.toEqual([]);
    expect(digitalocean.reply(call, { status: 404, body: { id: "not_found", message: "gone" } })).toEqual([]);
    const centers = { method: "GET", path: "/v1/data-centers" };
    expect(openContract("contabo").reply(centers, { status: 302, body: undefined })).toEqual([
      "GET /v1/data-centers → 302: this status is not described",
    ]);
  });

  it("reads forms, and refuses a parameter that is misspelt", () => {
    const stripe = openContract("stripe");
    const form = "application/x-www-form-urlencoded";
    const session = {
      mode: "subscription",
      line_items: [{ price: "price_1", quantity: "1" }],
      success_url: "https://a",
    };
    expect(stripe.request(request("POST", "/v1/checkout/sessions", session, form))).toEqual([]);
    expect(stripe.request(request("POST", "/v1/checkout/sessions", { ...session, sucess_url: "x" }, form))).toEqual([
      expect.stringContaining("sucess_url"),
    ]);
  });
});

describe.skipIf(!hasContracts())("a simulator", () => {
  const start = () =>
    startSimulator({
      contract: openContract("digitalocean"),
      app: new Hono().get("/v2/droplets/:id", (c) => {
        if (c.req.param("id") === "2") return c.json({ droplet: "is not one" });
        return c.json({ id: "not_found", message: "gone" }, 404);
      }),
    });

  it("notes what the description does not allow, of requests and of its own answers", async () => {
    const simulator = await start();
    await fetch(`${simulator.url}/v2/droplets/1`);
    expect(simulator.violations).toEqual([]);
    expect((await fetch(`${simulator.url}/v2/droplets/x`)).status).toBe(500);
    await fetch(`${simulator.url}/v2/droplets/2`);
    expect(simulator.violations).toEqual([
      expect.stringContaining("path parameter droplet_id"),
      expect.stringContaining("→ 200/droplet: must be object"),
    ]);
    expect(simulator.requests.map(({ path }) => path)).toEqual(["/v2/droplets/1", "/v2/droplets/x", "/v2/droplets/2"]);
    await simulator.stop();
  });

  it("fails when it is told to, once each and in order", async () => {
    const simulator = await start();
    const ask = () => fetch(`${simulator.url}/v2/droplets/1`);
    simulator.fail(
      /^GET \/v2\/droplets/,
      { kind: "answer", status: 429, headers: { "retry-after": "2" } },
      { kind: "lost" },
    );
    simulator.fail(/^POST/, { kind: "refused" });
    const limited = await ask();
    expect(limited.status).toBe(429);
    expect(limited.headers.get("retry-after")).toBe("2");
    await expect(ask()).rejects.toThrow();
    expect((await ask()).status).toBe(404);
    expect(simulator.faultsLeft).toBe(1);
    await simulator.stop();
  });
});
