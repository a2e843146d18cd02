import { describe, expect, it, vi } from "vitest";
import { appHealth, createAppHealthMeter } from "#agent/metrics/app-health.ts";
import { createCertificatesMeter } from "#agent/metrics/certificates.ts";
import { inTime } from "#agent/metrics/in-time.ts";
import type { InstanceRecord } from "#shared/instance.ts";
import { Problem } from "#shared/problem.ts";
import { App, resolvedApp } from "#test/shared/app.ts";

type Seen = Parameters<typeof appHealth>[1][number];

const record = (desired: InstanceRecord["desired"] = "running"): InstanceRecord => ({
  resolved: resolvedApp(App.parse({ web: { replicas: 2 }, db: {}, init: { restart: "no" } })),
  hash: "h",
  desired,
});
const container = (service: string, state: Seen["state"] = "running", health: Seen["health"] = "healthy"): Seen => ({
  instance: "app",
  service,
  state,
  health,
});
const init = container("init", "exited", "none");
const health = (...containers: Seen[]) =>
  Object.fromEntries(
    Object.entries(appHealth([record()], [container("db"), init, ...containers])).map(([series, value]) => [
      series.replace("container/app/", "").replace("/healthy_count", ""),
      value,
    ]),
  );

describe("a service", () => {
  it("is well when all its replicas are", () => {
    expect(health(container("web"), container("web", "running", "none"))).toEqual({ web: 1, db: 1 });
    expect(health(container("web"))).toEqual({ web: 0, db: 1 });
    expect(health()).toEqual({ web: 0, db: 1 });
  });

  it.each([
    ["running", "unhealthy"],
    ["exited", "none"],
    ["restarting", "none"],
    ["paused", "healthy"],
    ["dead", "none"],
  ] as const)("is not when one of them is %s and %s", (state, said) => {
    expect(health(container("web"), container("web", state, said))).toEqual({ web: 0, db: 1 });
  });

  it("says nothing while one of them is starting, unless enough are well without it", () => {
    expect(health(container("web"), container("web", "running", "starting"))).toEqual({ db: 1 });
    expect(health(container("web"), container("web", "created", "none"))).toEqual({ db: 1 });
    expect(health(container("web"), container("web"), container("web", "running", "starting"))).toEqual({
      web: 1,
      db: 1,
    });
  });

  it("of what was stopped on purpose is left out", () => {
    expect(appHealth([record("stopped")], [])).toEqual({});
  });
});

describe("the meter of services", () => {
  const containers = vi.fn<() => Promise<Seen[]>>();
  const meter = createAppHealthMeter({ records: () => [record()], containers });

  it("says whether Docker answers, and then how they are", async () => {
    containers.mockResolvedValueOnce([container("db")]);
    expect(await meter(0)).toMatchObject({ docker_answers_count: 1, "container/app/db/healthy_count": 1 });
    containers.mockRejectedValueOnce(new Problem("docker_unavailable", "Docker does not answer"));
    expect(await meter(0)).toEqual({ docker_answers_count: 0 });
  });

  it("says the same of an engine that takes too long", async () => {
    containers.mockRejectedValueOnce(new Problem("timed_out", "Docker did not answer in 4000 ms"));
    expect(await meter(0)).toEqual({ docker_answers_count: 0 });
  });
});

describe("inTime", () => {
  it("passes on what the work gives or throws, or says that it is late", async () => {
    await expect(inTime(Promise.resolve(7), 1000, "it")).resolves.toBe(7);
    await expect(inTime(Promise.reject(new Error("broken")), 1000, "it")).rejects.toThrow("broken");
    await expect(inTime(new Promise(() => undefined), 1, "the engine")).rejects.toMatchObject({ code: "timed_out" });
  });
});

describe("certificates", () => {
  const DAY_MS = 86_400_000;
  const NOW = 1000 * DAY_MS;
  const daysOf = (lifetime: number, left: number) => {
    const notAfter = NOW + left * DAY_MS;
    const certificate = { issuer: "test", notBefore: notAfter - lifetime * DAY_MS, notAfter };
    return createCertificatesMeter(
      () => [{ host: "ada.example.org", certificate }, { host: "none.example.org" }],
      () => NOW,
    )(0);
  };

  it.each([
    [90, 60],
    [90, 13.5],
    [90, -2],
    [0.5, 0.05],
    [0.5, -1],
  ])("of %d days are told by the %d that are left", (lifetime, left) => {
    expect(daysOf(lifetime, left)).toEqual({ "certificate/ada.example.org/valid_days": left });
  });

  it.each([
    [0.5, 0.4],
    [7, 6],
  ])("of %d days with %d left are as they should be, and left out", (lifetime, left) => {
    expect(daysOf(lifetime, left)).toEqual({});
  });
});
