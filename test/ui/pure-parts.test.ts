import { describe, expect, test } from "vitest";
import { z } from "zod";
import { newerJob } from "#hub/console/fleet-store.ts";
import { jobTimeline } from "#hub/console/job-timeline.ts";
import type { BeaconOverview } from "#shared/api/beacon.ts";
import { type JobState, jobStates } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { findModules } from "#ui/beacon/catalogue.tsx";
import { certificateWords } from "#ui/beacon/certificate-words.ts";
import { healthOf } from "#ui/beacon/health.ts";
import { appendLines, plainText } from "#ui/beacon/log-buffer.ts";
import { readAnswer } from "#ui/http.ts";
import { matchRoute } from "#ui/router.tsx";
import { FixtureBeacon } from "./fixture-beacon.ts";
import { FixtureJobs } from "./fixture-jobs.ts";
import { fixtureModules } from "./fixture-modules.ts";

const NOW = 1_800_000_000_000;

test("routes match by their parts", () => {
  expect(matchRoute("/", "/")).toEqual({});
  expect(matchRoute("/beacons/:id", "/beacons/bcn_1/")).toEqual({ id: "bcn_1" });
  expect(matchRoute("/beacons/:id/:tab", "/beacons/a%20b/apps")).toEqual({ id: "a b", tab: "apps" });
  expect(matchRoute("/beacons/:id", "/jobs/1")).toBeUndefined();
  expect(matchRoute("/beacons/:id", "/beacons")).toBeUndefined();
});

describe("answers", () => {
  const answer = (status: number, body: string) =>
    readAnswer(z.object({ a: z.number() }), Promise.resolve(new Response(body, { status })));

  test("are parsed", async () => expect(await answer(200, '{"a":1}')).toEqual({ a: 1 }));

  test("that do not fit say so", async () => {
    await expect(answer(200, '{"a":"1"}')).rejects.toMatchObject({
      code: "internal",
      hint: expect.stringContaining("Reload"),
    });
  });

  test("of ours are problems with their hint", async () => {
    const body = new Problem("port_taken", "port 80 is taken", { hint: "Free it." });
    await expect(answer(409, JSON.stringify(body))).rejects.toMatchObject({ code: "port_taken", hint: "Free it." });
  });

  test.each([
    [401, "not_signed_in"],
    [404, "not_found"],
    [502, "unavailable"],
    [418, "invalid_input"],
    [500, "internal"],
  ])("of somebody else with %d are %s", async (status, code) => {
    await expect(answer(status, "<html>")).rejects.toMatchObject({ code });
  });

  test("that never come are told", async () => {
    await expect(readAnswer(z.unknown(), Promise.reject(new TypeError("no network")))).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});

describe("a job's timeline", () => {
  const jobs = () => {
    const fixture = new FixtureJobs();
    return { fixture, id: fixture.order({ email: "a@example.org", beacon: "ada", modules: [] }).id };
  };

  test("has the nine states, and marks the one it is in", () => {
    const { fixture, id } = jobs();
    fixture.advance(id, "bcn_00000001");
    const marks = jobTimeline(fixture.advance(id, "bcn_00000001", 900)).map(({ mark }) => mark);
    expect(marks).toEqual(["done", "done", "now", ...Array.from({ length: 6 }, () => "next")]);
  });

  test("gives each state the time and the words with which it ended", () => {
    const { fixture, id } = jobs();
    for (const [index] of jobStates.slice(1).entries()) fixture.advance(id, "bcn_00000001", (index + 1) * 100);
    const timeline = jobTimeline(fixture.find(id));
    expect(timeline.every(({ mark }) => mark === "done")).toBe(true);
    expect(timeline.map(({ durationMs }) => durationMs)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, undefined]);
    expect(timeline[2]?.events.map(({ message }) => message)).toEqual(["asked local for a machine"]);
    expect(timeline[8]?.events).toEqual([]);
  });

  test("sums the time over all tries, and runs on from the last one", () => {
    const at = (time: number, state: JobState, durationMs?: number) => ({
      at: time,
      state,
      message: `${state} at ${time}`,
      ...(durationMs === undefined ? {} : { durationMs }),
    });
    const { fixture, id } = jobs();
    const events = [at(0, "PENDING"), at(10, "PAYMENT_RECEIVED", 10), at(30, "FAILED", 20), at(90, "PAYMENT_RECEIVED")];
    const retried = { ...fixture.find(id), state: "PAYMENT_RECEIVED" as const, events };
    expect(jobTimeline(retried)[1]).toMatchObject({ mark: "now", enteredAt: 90 });
    const done = { ...retried, state: "PROVISIONING_VPS" as const, events: [...events, at(95, "PROVISIONING_VPS", 5)] };
    expect(jobTimeline(done)[1]?.durationMs).toBe(25);
    expect(jobTimeline(done)[1]?.events.map(({ at: time }) => time)).toEqual([30, 90, 95]);
  });

  test("tells a failure in the state in which it happened, and goes on from there", () => {
    const { fixture, id } = jobs();
    fixture.advance(id, "bcn_00000001");
    const failed = jobTimeline(fixture.fail(id, new Problem("provider_unavailable", "no answer")));
    expect(failed[1]).toMatchObject({ mark: "failed" });
    expect(failed[1]?.events.at(-1)?.problem?.message).toBe("no answer");
    expect(jobTimeline(fixture.retry(id))[1]?.mark).toBe("now");
  });

  test("shows where a job was cancelled", () => {
    const { fixture, id } = jobs();
    expect(jobTimeline(fixture.cancel(id))[0]?.mark).toBe("cancelled");
  });

  test("an answer that was overtaken by an event is left out", () => {
    const { fixture, id } = jobs();
    const early = fixture.find(id);
    const late = fixture.advance(id, "bcn_00000001");
    expect(newerJob(late, early)).toBe(late);
    expect(newerJob(early, late)).toBe(late);
  });
});

describe("health in one sentence", () => {
  const beacon = (apps: ConstructorParameters<typeof FixtureBeacon>[0]["apps"], online = true): BeaconOverview =>
    new FixtureBeacon({ id: "bcn_00000001", name: "ada", apps, online, stepMs: 1 }).overview();

  test.each([
    [beacon({ umami: "running" }), "good", "Everything is running well."],
    [beacon({ umami: "degraded" }), "bad", "Umami needs attention."],
    [beacon({ umami: "degraded", element: "degraded" }), "bad", "Umami, Element need attention."],
    [beacon({ umami: "starting" }), "busy", "Umami is starting."],
    [beacon({ umami: "running" }, false), "bad", "This beacon is out of reach."],
    [{ ...beacon({}), inventory: undefined }, "busy", "Waiting for the first report."],
  ] as const)("%#", ({ inventory, ...overview }, tone, sentence) => {
    expect(healthOf({ ...overview, ...(inventory === undefined ? {} : { inventory }) }, NOW)).toMatchObject({
      tone,
      sentence,
    });
  });

  test("counts what runs", () => {
    expect(healthOf(beacon({}), NOW).detail).toBe("No apps yet");
    expect(healthOf(beacon({ umami: "running", element: "stopped" }), NOW).detail).toBe(
      "1 of 2 apps running, 1 stopped",
    );
  });
});

describe("the certificate of a name", () => {
  const DAY = 86_400_000;
  const lasting = (days: number, left: number) => ({
    issuer: "Let's Encrypt R11",
    notBefore: NOW + (left - days) * DAY,
    notAfter: NOW + left * DAY,
  });
  const failure = { at: NOW, reason: "no answer on port 80" };
  const host = "notes.example.net";

  test.each([
    [{ certificate: lasting(90, 40) }, "Secure", "Let's Encrypt R11, 40 days left"],
    [{ certificate: lasting(90, 25), failure }, "Secure", "25 days left. Last attempt: no answer on port 80"],
    [{ certificate: lasting(90, 13) }, "Expires soon", "13 days left"],
    [{ certificate: lasting(0.5, 0.3) }, "Secure", "8 hours left"],
    [{ certificate: lasting(0.5, 0.05) }, "Expires soon", "2 hours left"],
    [{ certificate: lasting(90, 13), failure }, "Failing", "13 days left. Last attempt: no answer on port 80"],
    [{ certificate: lasting(90, -1) }, "Expired", "no longer valid"],
    [{}, "Waiting", "No certificate yet"],
    [{ failure }, "Failing", "No certificate yet. Last attempt: no answer on port 80"],
    [
      { elsewhere: { found: ["192.0.2.7"], expected: ["192.0.2.1", "2001:db8::1"] } },
      "Leads elsewhere",
      "It leads to 192.0.2.7. Set a CNAME record of notes.example.net to ada.example.org, or its addresses to 192.0.2.1 and 2001:db8::1.",
    ],
    [
      { elsewhere: { found: [], expected: [] } },
      "Leads elsewhere",
      "It has no address. Set a CNAME record of notes.example.net to ada.example.org. ",
    ],
    [{ elsewhere: { expected: [] } }, "Leads elsewhere", "It could not be looked up."],
  ])("%j is %s", (state, word, detail) => {
    const words = certificateWords({ host, ...state }, "ada.example.org", NOW);
    expect(words.word).toBe(word);
    expect(words.detail).toContain(detail);
    const inventory = new FixtureBeacon({ id: "bcn_1", name: "ada", apps: {}, stepMs: 0 }).overview().inventory;
    const overview = { id: "bcn_1", name: "ada", domain: "ada.example.org", online: true };
    const health = healthOf(
      { ...overview, inventory: inventory && { ...inventory, certificates: [{ host, ...state }] } },
      NOW,
    );
    const isCalm = word === "Secure" || word === "Waiting";
    expect(health.sentence).toBe(isCalm ? "Everything is running well." : `Look at the certificate of ${host}.`);
  });
});

test("the catalogue is searched by words in any order, and by what an app replaces", () => {
  const ids = (search: string) => findModules(fixtureModules, search).map(({ id }) => id);
  expect(ids("dropbox")).toEqual(["nextcloud"]);
  expect(ids("SAFE place")).toEqual(["vaultwarden"]);
  expect(ids("nothing like it")).toEqual([]);
  expect(ids("  ")).toHaveLength(fixtureModules.length);
});

test("a log keeps its newest lines and numbers them on", () => {
  const line = (text: string) => ({ service: "web", stream: "stdout" as const, text });
  const first = appendLines([], [line("a"), line("b")]);
  expect(appendLines(first, [line("c")]).map(({ number, text }) => `${number}${text}`)).toEqual(["1a", "2b", "3c"]);
  const many = appendLines(
    first,
    Array.from({ length: 2_500 }, (_, index) => line(String(index))),
  );
  expect(many).toHaveLength(2_000);
  expect(many.at(-1)?.number).toBe(2_502);
});

test("terminal colours are taken out of a log line", () => {
  expect(plainText("\u001b[1;32mINFO\u001b[0m ready")).toBe("INFO ready");
});
