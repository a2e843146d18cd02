import type { IncomingMessage } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import { AlertRules } from "#shared/alerts/rule.ts";
import { type LogLine, MetricsView } from "#shared/api/beacon.ts";
import { AgentStatus } from "#shared/api/status.ts";
import { Problem } from "#shared/problem.ts";
import { inventory } from "../linked-agent.ts";
import { type Asked, form, install, useServedApi } from "./served-api.ts";

const served = useServedApi();

describe("the beacon's routes", () => {
  const root = { socket: "root" } as const;

  it("give commands, show them and break them off", async () => {
    const given = await served.api.ask("/api/commands", { ...root, method: "POST", body: install });
    expect(given).toMatchObject({ status: 202, body: { name: "module.install", actor: "root" } });
    const [{ id } = { id: "" }] = served.api.queue.list(1);
    expect((await served.api.ask(`/api/commands/${id}`, root)).body).toMatchObject({ id });
    expect((await served.api.ask("/api/commands?limit=1", root)).body).toMatchObject({ commands: [{ id }] });
    expect(await served.api.ask(`/api/commands/${id}/cancel`, { ...root, method: "POST" })).toMatchObject({
      status: 202,
      body: { id },
    });
    expect(served.api.queue.unacknowledged()).toEqual([]);
  });

  it("give a command that is to hold after a time the beacon's time", async () => {
    const body = { name: "module.restart", input: { instance: "page" } };
    const given = await served.api.ask("/api/commands", { ...root, method: "POST", body });
    expect(given).toMatchObject({ status: 202, body: { input: { instance: "page", after: expect.any(Number) } } });
  });

  const wrong: [string, Asked, number, string][] = [
    ["/api/commands/cmd_00000000-none", {}, 404, "not_found"],
    ["/api/commands/cmd_00000000-none/cancel", { method: "POST" }, 404, "not_found"],
    ["/api/commands/UPPER", {}, 400, "invalid_input"],
    ["/api/commands?limit=0", {}, 400, "invalid_input"],
    ["/api/commands", { method: "POST", body: { name: "beacon.explode", input: {} } }, 404, "unknown_command"],
    ["/api/commands", { method: "POST", body: { name: "module.install", input: { module: 7 } } }, 400, "invalid_input"],
    [
      "/api/commands",
      { method: "POST", body: "{", headers: { "content-type": "application/json" } },
      400,
      "invalid_input",
    ],
    ["/api/commands", { method: "POST", body: "name=x", headers: form }, 400, "invalid_input"],
    ["/api/commands", { method: "POST", body: { name: "x".repeat(300_000), input: {} } }, 413, "too_large"],
    ["/api/plan", { method: "POST", body: install }, 503, "docker_unavailable"],
    ["/api/metrics?from=yesterday", {}, 400, "invalid_input"],
    ["/api/logs/Not%20A%20Name", {}, 400, "invalid_input"],
    ["/api/nothing", {}, 404, "not_found"],
    ["/nothing", { method: "DELETE" }, 404, "not_found"],
  ];
  it.each(wrong)("answer a problem: %s %j", async (path, asked, status, code) => {
    const answer = await served.api.ask(path, { ...asked, ...root });
    expect(answer).toMatchObject({ status, body: { code, status, type: `urn:wopr:problem:${code}` } });
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  it("show what is wrong, and tell it to whoever looks", async () => {
    const events = await served.api.open("/api/events", root);
    served.api.alerts.judge({ at: 1000, values: { "disk///used_bytes": 97, "disk///total_bytes": 100 } });
    const fired = { rule: "disk-full", subject: "/", kind: "fired", severity: "critical", at: 1000 };
    expect((await served.api.ask("/api/alerts", root)).body).toMatchObject({ firing: [fired], history: [fired] });
    let heard = "";
    for await (const chunk of events) {
      heard += chunk;
      if (heard.includes("event: alert")) break;
    }
    expect(heard).toContain('"rule":"disk-full"');
  });

  it("show the beacon, its modules and what was served.api.measured", async () => {
    expect((await served.api.ask("/api/overview", root)).body).toMatchObject({
      id: served.api.hub.enrolment.beacon,
      name: "ada",
      online: true,
      inventory,
    });
    expect((await served.api.ask("/api/modules", root)).body).toEqual({ modules: [] });
    expect((await served.api.ask("/api/metrics", root)).body).toMatchObject({
      resolution: "10s",
      points: [{ values: { load_1: [5, 5, 5, 1] } }],
    });
  });

  it("describe themselves", async () => {
    const { status, body } = await served.api.ask("/api/openapi.json");
    expect(status).toBe(200);
    expect(Object.keys(Object(body).paths).toSorted()).toEqual([
      "/api/alert-rules",
      "/api/alerts",
      "/api/channels",
      "/api/channels/{channel}",
      "/api/channels/{channel}/test",
      "/api/commands",
      "/api/commands/{id}",
      "/api/commands/{id}/cancel",
      "/api/events",
      "/api/exec",
      "/api/exec/{session}",
      "/api/hub",
      "/api/leave",
      "/api/link",
      "/api/logs/{instance}",
      "/api/me",
      "/api/metrics",
      "/api/modules",
      "/api/overview",
      "/api/plan",
      "/api/scrape-token",
      "/api/silences",
      "/api/status",
      "/health",
      "/metrics",
      "/session",
      "/session/end",
    ]);
  });
});

/** Reads server-sent events until one fits. */
async function readUntil(response: IncomingMessage, fits: (text: string) => boolean) {
  let text = "";
  for await (const chunk of response) {
    text += chunk;
    if (fits(text)) break;
  }
  return text;
}

/** Waits until nothing is measured for live samples any more. */
const untilUnmeasured = () =>
  vi.waitFor(
    () => {
      const before = served.api.measured;
      return new Promise<void>((resolve, reject) => {
        setTimeout(() => (served.api.measured === before ? resolve() : reject(new Error("still measuring"))), 50);
      });
    },
    { timeout: 5000 },
  );

describe("events", () => {
  it("tell the overview, live samples and commands, and measure only while somebody listens", async () => {
    expect(served.api.measured).toBe(0);
    const response = await served.api.open("/api/events", { socket: "root" });
    expect(response.headers["content-type"]).toMatch(/^text\/event-stream/);
    served.api.queue.accept({ id: "cmd_00000000-0001", sequence: null, ...install, actor: "root" });
    const text = await readUntil(response, (seen) => /event: live/.test(seen) && /"state":"done"/.test(seen));
    expect(text).toMatch(/event: overview\ndata: \{"id":"bcn_/);
    expect(text).toMatch(/event: live\ndata: \{"at":\d+,"values":\{"load_1":\d+\}\}\n\n/);
    expect(text).toMatch(/event: command\ndata: .*"id":"cmd_00000000-0001"/);
    response.destroy();
    await untilUnmeasured();
  });

  it("measure once for all who listen, and stop for one who vanished and does not open them again", async () => {
    Object.assign(served.api.streamTimes, { lifeMs: 200, graceMs: 100 });
    const readers = [];
    for (let nth = 0; nth < 20; nth++) readers.push(await served.api.open("/api/events", { socket: "root" }));
    const [reading, ...vanished] = readers;
    if (reading === undefined) throw new Error("nobody reads");
    // They keep their connections, and read no more of them.
    for (const response of vanished) response.pause();
    const text = await readUntil(reading, () => false);
    expect(text).toContain("event: again\ndata: {}\n\n");
    const seen = [...text.matchAll(/"load_1":(\d+)/g)].map(([, value]) => Number(value));
    expect(seen.length).toBeGreaterThan(5);
    expect(new Set(seen).size).toBe(seen.length);
    // Measured every 10 ms, not as often as there are readers.
    expect(seen.at(-1)).toBeLessThan(60);
    await untilUnmeasured();
    for (const response of vanished) response.destroy();
    Object.assign(served.api.streamTimes, { lifeMs: undefined, graceMs: undefined });
  });
});

describe("the agent itself", () => {
  it("says how it is, what waits for its hub, and what it measured last", async () => {
    const { body } = await served.api.ask("/api/status", { socket: "root" });
    const status = AgentStatus.parse(body);
    expect(status.now).toBe(served.api.time);
    expect(status.waiting).toMatchObject({ samples: 1, events: 0 });
    expect(status.sample).toMatchObject({ values: { load_1: 5 } });
  });

  it("says what it is watched for", async () => {
    const { body } = await served.api.ask("/api/alert-rules", { socket: "root" });
    expect(AlertRules.parse(Object(body).rules)).toEqual(defaultAlertRules);
  });

  it("is silenced by who owns it, until it is not", async () => {
    const put = (hours: number) =>
      served.api.ask("/api/silences", {
        socket: "root",
        method: "POST",
        body: { rule: "disk-full", subject: "/", hours },
      });
    expect(await put(2)).toMatchObject({ status: 200, body: { silences: [{ rule: "disk-full", by: "root" }] } });
    expect((await served.api.ask("/api/alerts", { socket: "root" })).body).toMatchObject({
      silences: [{ subject: "/" }],
    });
    served.api.time += 2 * 3_600_000 + 1;
    expect((await served.api.ask("/api/alerts", { socket: "root" })).body).toMatchObject({ silences: [] });
    await put(2);
    expect(await put(0)).toMatchObject({ body: { silences: [] } });
  });

  it("gives the series that are asked for", async () => {
    const series = async (names: string) => {
      const { body } = await served.api.ask(`/api/metrics?series=${names}`, { socket: "root" });
      return Object.keys(MetricsView.parse(body).points.at(-1)?.values ?? {});
    };
    expect(await series("load_*,cpu_percent")).toEqual(["load_1"]);
    expect(await series("cpu_percent")).toEqual([]);
    expect((await served.api.ask("/api/metrics?series=a*b*c", { socket: "root" })).status).toBe(400);
  });
});

describe("logs", () => {
  const line = (text: string): LogLine => ({ service: "redis", stream: "stdout", text });

  it("come line by line and end with an event", async () => {
    served.api.logs = async function* () {
      yield line("one\ntwo");
      yield line("three");
    };
    const { body } = await served.api.ask("/api/logs/redis?tail=2", { socket: "root" });
    expect(body).toBe(
      `: open\n\nevent: line\ndata: ${JSON.stringify(line("one\ntwo"))}\n\nevent: line\ndata: ${JSON.stringify(line("three"))}\n\nevent: end\ndata: {}\n\n`,
    );
  });

  it("end with the problem that ended them", async () => {
    served.api.logs = async function* () {
      yield line("one");
      throw new Problem("not_found", "there is no instance redis");
    };
    expect((await served.api.ask("/api/logs/redis", { socket: "root" })).body).toMatch(
      /event: end\ndata: \{"problem":\{"code":"not_found"/,
    );
  });

  it("wait for a reader who is slow, and stop when that reader leaves", async () => {
    let produced = 0;
    let told = false;
    served.api.logs = async function* (signal) {
      signal.addEventListener("abort", () => {
        told = true;
      });
      for (;;) {
        produced += 1;
        yield line("x".repeat(10_000));
      }
    };
    const response = await served.api.open("/api/logs/redis?follow=true", { socket: "root" });
    let last = -1;
    await vi.waitFor(
      () => {
        const before = last;
        last = produced;
        expect(produced).toBe(before);
      },
      { timeout: 10_000, interval: 200 },
    );
    expect(produced).toBeLessThan(1000);
    response.destroy();
    await vi.waitFor(() => expect(told).toBe(true), 5000);
  });
});
