import { describe, expect, it } from "vitest";
import { NewScrapeToken } from "#shared/api/scrape-token.ts";
import { checkMetrics } from "../../promtool.ts";
import { useServedApi } from "./served-api.ts";

const served = useServedApi();
const make = async (headers: Record<string, string>) => {
  const answer = await served.api.ask("/api/scrape-token", { socket: "web", method: "POST", headers });
  return { status: answer.status, made: NewScrapeToken.safeParse(answer.body).data };
};
const scrape = (token: string) =>
  served.api.ask("/metrics", { socket: "web", headers: { authorization: `Bearer ${token}` } });

describe("GET /metrics", () => {
  it("shows root what was measured last, as Prometheus wants it", async () => {
    const { status, headers, body } = await served.api.ask("/metrics", { socket: "root" });
    expect([status, headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    expect(body).toContain("wopr_load1 5\n");
    expect(body).toContain('wopr_agent_info{version="0.1.0"} 1');
    expect(await checkMetrics(String(body))).toBe("");
  });

  it("shows nothing of a time that is past", async () => {
    served.api.time += 10 * 60_000;
    const { body } = await served.api.ask("/metrics", { socket: "root" });
    expect(body).not.toContain("wopr_load1");
    expect(body).toContain("wopr_sample_timestamp_seconds");
  });

  it("is closed to anybody else without a token, wherever they say that they come from", async () => {
    const claims = {
      "x-forwarded-for": "127.0.0.1",
      "x-real-ip": "127.0.0.1",
      forwarded: "for=127.0.0.1",
      host: "localhost",
    };
    for (const headers of [{}, claims, { authorization: "Bearer x" }, { authorization: "Basic cm9vdDo=" }]) {
      expect((await served.api.ask("/metrics", { socket: "web", headers })).status).toBe(401);
    }
  });

  it("is open to who is signed in", async () => {
    const headers = await served.api.bearer({ role: "member" });
    expect((await served.api.ask("/metrics", { socket: "web", headers })).status).toBe(200);
  });
});

describe("the scrape token", () => {
  it("is made by the owner, shows once, and opens nothing but the metrics", async () => {
    const owner = await served.api.bearer();
    const { status, made } = await make(owner);
    expect(status).toBe(201);
    const token = made?.token ?? "";
    expect((await scrape(token)).status).toBe(200);
    const view = await served.api.ask("/api/scrape-token", { socket: "web", headers: owner });
    expect(view.body).toEqual({ createdAt: made?.createdAt });
    for (const path of ["/api/overview", "/api/metrics", "/api/scrape-token"]) {
      const asked = { socket: "web", headers: { authorization: `Bearer ${token}` } } as const;
      expect((await served.api.ask(path, asked)).status).toBe(401);
    }
    const rows = served.api.store.prepare("select value from setting").all();
    expect(JSON.stringify(rows)).not.toContain(token.slice("wopr_scrape_".length));
  });

  it("is replaced by the next, and can be taken away", async () => {
    const owner = await served.api.bearer();
    const first = (await make(owner)).made?.token ?? "";
    const second = (await make(owner)).made?.token ?? "";
    expect([(await scrape(first)).status, (await scrape(second)).status]).toEqual([401, 200]);
    await served.api.ask("/api/scrape-token", { socket: "web", method: "DELETE", headers: owner });
    expect((await scrape(second)).status).toBe(401);
    expect((await served.api.ask("/api/scrape-token", { socket: "web", headers: owner })).body).toEqual({});
  });

  it("is no member's to make, nor a stranger's", async () => {
    expect((await make(await served.api.bearer({ role: "member" }))).status).toBe(403);
    expect((await make({})).status).toBe(401);
  });
});
