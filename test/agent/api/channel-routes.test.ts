import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChannelsView, ChannelView } from "#shared/api/channels.ts";
import { type ChannelsSimulator, startChannels } from "#test/simulators/channels.ts";
import { type Asked, useServedApi } from "./served-api.ts";

const served = useServedApi();
let services: ChannelsSimulator;
beforeEach(async () => {
  services = await startChannels();
});
afterEach(() => services.stop());

const asRoot = (path: string, asked: Asked = {}) => served.api.ask(path, { socket: "root", ...asked });
const slack = () => ({ kind: "slack", name: "Family", settings: { webhookUrl: services.url("slack") } });
const add = async (input: object = slack()) => asRoot("/api/channels", { method: "POST", body: input });
const view = async () => ChannelsView.parse((await asRoot("/api/channels")).body);

describe("the owner's channels over the API", () => {
  it("are added, tried, changed without their secret, and removed", async () => {
    const added = await add();
    expect(added.status).toBe(201);
    const { id, ...rest } = ChannelView.parse(added.body);
    expect(rest).toMatchObject({ name: "Family", settings: {}, secrets: ["webhookUrl"], fromBeacons: true });
    expect((await asRoot(`/api/channels/${id}/test`, { method: "POST" })).status).toBe(204);
    expect(services.received.map(({ text }) => text.includes("Notices of this beacon arrive here"))).toEqual([true]);

    const changed = { kind: "slack", name: "Us", severities: "critical", settings: {} };
    expect((await asRoot(`/api/channels/${id}`, { method: "PUT", body: changed })).status).toBe(200);
    expect((await asRoot(`/api/channels/${id}/test`, { method: "POST" })).status).toBe(204);
    expect((await view()).channels).toMatchObject([{ name: "Us", severities: "critical", secrets: ["webhookUrl"] }]);

    expect((await asRoot(`/api/channels/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await view()).channels).toEqual([]);
    expect((await asRoot(`/api/channels/${id}/test`, { method: "POST" })).status).toBe(404);
  });

  it("are kept sealed and outlive the agent, and no answer has their secrets", async () => {
    await add();
    expect(JSON.stringify([await view(), served.api.store.prepare("select * from setting").all()])).not.toMatch(
      /secret-part/,
    );
    await served.api.stop();
    await served.api.start();
    const [channel] = (await view()).channels;
    expect((await asRoot(`/api/channels/${channel?.id}/test`, { method: "POST" })).status).toBe(204);
    expect(services.received).toHaveLength(1);
  });

  it.each([
    ["a kind that there is not", { ...{ kind: "pigeon", name: "x", settings: {} } }, 404],
    ["settings that do not fit", { kind: "slack", name: "x", settings: { webhookUrl: "no URL" } }, 400],
    ["a setting too many", { kind: "slack", name: "x", settings: { webhookUrl: "https://a.example", more: "1" } }, 400],
  ])("are refused with %s", async (_what, input, status) => {
    expect((await add(input)).status).toBe(status);
    expect((await view()).channels).toEqual([]);
  });

  it("cannot become ones of another kind, and say what the other side said", async () => {
    const { id } = ChannelView.parse((await add()).body);
    const body = { kind: "discord", name: "x", settings: { webhookUrl: services.url("discord") } };
    expect((await asRoot(`/api/channels/${id}`, { method: "PUT", body })).body).toMatchObject({ code: "conflict" });
    services.fail(404);
    const tried = await asRoot(`/api/channels/${id}/test`, { method: "POST" });
    expect(tried.body).toMatchObject({ code: "channel_refused" });
    expect(JSON.stringify(tried.body)).not.toContain("secret-part");
  });

  it("offer no mail where the beacon has no server for it, and are twenty at most", async () => {
    expect((await view()).kinds.map(({ kind }) => kind)).toEqual(["discord", "pagerduty", "slack", "webhook"]);
    for (let nth = 0; nth < 20; nth++) expect((await add()).status).toBe(201);
    expect((await add()).body).toMatchObject({ code: "conflict" });
  });

  it("are the owner's business alone", async () => {
    const { id } = ChannelView.parse((await add()).body);
    const member = { headers: await served.api.bearer({ role: "member" }) };
    for (const [method, path] of [
      ["GET", ""],
      ["POST", ""],
      ["PUT", `/${id}`],
      ["DELETE", `/${id}`],
      ["POST", `/${id}/test`],
    ] as const) {
      const body = method === "GET" || method === "DELETE" ? {} : { body: slack() };
      const { status } = await served.api.ask(`/api/channels${path}`, { ...member, method, ...body });
      expect([method, path, status]).toEqual([method, path, 403]);
    }
    expect((await served.api.ask("/api/channels")).status).toBe(401);
    expect((await view()).channels).toHaveLength(1);
    expect(services.received).toEqual([]);
  });
});
