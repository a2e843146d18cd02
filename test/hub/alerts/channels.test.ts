import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChannelView } from "#shared/api/channels.ts";
import { type ChannelsSimulator, startChannels } from "#test/simulators/channels.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import { addChannel, secret } from "./alerted.ts";

let hub: TestHub;
let services: ChannelsSimulator;
let operator: TestClient;
beforeAll(async () => {
  services = await startChannels();
  hub = await startTestHub();
  operator = await hub.operator();
});
afterAll(async () => {
  await hub.stop();
  await services.stop();
});

describe("secrets of channels", () => {
  it("are never answered, nor in the database, the audit or beside it but in the key's file", async () => {
    const channel = await addChannel(operator, "webhook", { url: "https://example.org/s3cr3t-path", secret });
    expect(channel).toMatchObject({ secrets: ["url", "secret"], settings: {} });
    const answers = [await operator.get("/api/channels"), await operator.get("/api/audit")];
    const { dataDirectory } = hub.config;
    const files = ["hub.sqlite", "hub.sqlite-wal"].map((name) => readFileSync(join(dataDirectory, name), "latin1"));
    for (const text of [JSON.stringify(answers.map(({ body }) => body)), ...files]) {
      expect(text).not.toContain("s3cr3t-path");
      expect(text).not.toContain(secret);
    }
    expect(statSync(join(dataDirectory, "sealing-key")).mode & 0o777).toBe(0o600);
  });

  it("stay when they are left out, and change when they are given", async () => {
    const { id } = await addChannel(operator, "slack", { webhookUrl: services.url("slack") });
    const change = (settings: object, name = "slack") =>
      operator.put(`/api/channels/${id}`, { name, kind: "slack", settings });
    expect(await change({}, "Ops")).toMatchObject({ status: 200, body: { name: "Ops", secrets: ["webhookUrl"] } });
    expect((await operator.post(`/api/channels/${id}/test`)).status).toBe(200);
    expect(services.received.at(-1)?.text).toContain("This is a test");
    await change({ webhookUrl: "http://127.0.0.1:9/gone" });
    expect(await operator.post(`/api/channels/${id}/test`)).toMatchObject({
      status: 503,
      body: { code: "channel_unavailable", hint: expect.any(String) },
    });
  });

  it("cannot be opened with another key, and that is said", async () => {
    const { id } = await addChannel(operator, "slack", { webhookUrl: services.url("slack") });
    const other = await addChannel(operator, "slack", { webhookUrl: services.url("slack") });
    const row = await hub.db
      .selectFrom("channel")
      .select("sealed")
      .where("id", "=", other.id)
      .executeTakeFirstOrThrow();
    await hub.db.updateTable("channel").set({ sealed: row.sealed }).where("id", "=", id).execute();
    expect(await operator.post(`/api/channels/${id}/test`)).toMatchObject({ status: 409, body: { code: "conflict" } });
    await operator.delete(`/api/channels/${id}`);
  });
});

describe("channels", () => {
  it("say what each kind has to be told", async () => {
    const { body } = await operator.get("/api/channels");
    expect(Object(body).kinds).toContainEqual({
      kind: "pagerduty",
      title: "PagerDuty",
      settings: [
        { name: "routingKey", secret: true, required: true },
        { name: "url", secret: false, required: false, default: "https://events.pagerduty.com/v2/enqueue" },
      ],
    });
  });

  it.each([
    [{ kind: "pigeon", settings: {} }, 404],
    [{ kind: "slack", settings: {} }, 400],
    [{ kind: "slack", settings: { webhookUrl: "nowhere" } }, 400],
    [{ kind: "email", settings: { to: "ops@example.org", cc: "x" } }, 400],
    [{ kind: "email", settings: { to: "ops@example.org" }, quietHours: { from: "1", to: "2", timeZone: "UTC" } }, 400],
  ])("that cannot work are refused: %j", async (channel, status) => {
    expect((await operator.post("/api/channels", { name: "bad", ...channel })).status).toBe(status);
  });

  it("cannot become another kind, and are gone when they are removed", async () => {
    const { id, settings } = await addChannel(operator, "email", { to: "ops@example.org" });
    expect(settings).toEqual({ to: "ops@example.org" });
    const other = { name: "x", kind: "slack", settings: { webhookUrl: services.url("slack") } };
    expect((await operator.put(`/api/channels/${id}`, other)).status).toBe(409);
    expect((await operator.delete(`/api/channels/${id}`)).status).toBe(200);
    expect((await operator.delete(`/api/channels/${id}`)).status).toBe(404);
    expect((await operator.post(`/api/channels/${id}/test`)).status).toBe(404);
  });

  it("are the operator's alone", async () => {
    const owner = await hub.owner("ada@example.org");
    for (const path of ["/api/channels", "/api/alerts", "/api/alert-rules"]) {
      expect((await owner.get(path)).status).toBe(403);
      expect((await hub.client().get(path)).status).toBe(401);
    }
    expect((await owner.post("/api/channels", { name: "x", kind: "email", settings: { to: "a@b.cc" } })).status).toBe(
      403,
    );
    expect(ChannelView.safeParse({}).success).toBe(false);
  });
});

describe("rules", () => {
  it("are those of the house until the operator says otherwise, and then survive a restart", async () => {
    const before = (await operator.get("/api/alert-rules")).body;
    const { rules, defaults } = Object(before);
    expect(rules).toEqual(defaults);
    const changed = rules.map((rule: { id: string }) =>
      rule.id === "cpu-busy" ? { ...rule, when: { above: 70 } } : rule,
    );
    expect((await operator.put("/api/alert-rules", { rules: changed })).status).toBe(200);
    await hub.restart();
    expect((await operator.get("/api/alert-rules")).body).toEqual({ rules: changed, defaults });
  });

  it("that contradict themselves are refused", async () => {
    const { rules } = Object((await operator.get("/api/alert-rules")).body);
    const twice = await operator.put("/api/alert-rules", { rules: [rules[0], rules[0]] });
    expect(twice).toMatchObject({ status: 400, body: { code: "invalid_input" } });
  });
});
