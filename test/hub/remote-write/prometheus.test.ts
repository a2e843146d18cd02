import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RemoteWriteView } from "#shared/api/remote-write.ts";
import { NewScrapeToken } from "#shared/api/scrape-token.ts";
import { checkMetrics } from "../../promtool.ts";
import { createPrometheus, type Prometheus } from "../prometheus.ts";
import { until } from "../provisioning/until.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

const SAMPLE = 10_000;
const MINUTE = 60_000;

let hub: TestHub;
let prometheus: Prometheus;
beforeAll(async () => {
  [hub, prometheus] = await Promise.all([startTestHub(), createPrometheus()]);
  await prometheus.start();
}, 60_000);
afterAll(async () => {
  await hub.stop();
  await prometheus.stop();
});

const view = async () => RemoteWriteView.parse((await (await hub.operator()).get("/api/remote-write")).body);
const drained = () => until(view, ({ waiting, problem }) => waiting === 0 && problem === undefined);
const set = async (input: object) => (await hub.operator()).put("/api/remote-write", input);
/** A multiple of ten minutes, two hours ago. */
const past = () => hub.now() - (hub.now() % (10 * MINUTE)) - 20 * MINUTE;

describe("remote write to Prometheus", () => {
  it("gives it every sample of every beacon once, though either side dies in between", async () => {
    expect((await set({ url: prometheus.writeUrl })).status).toBe(200);
    const from = past();
    const moments = Array.from({ length: 60 }, (_sample, index) => from + index * SAMPLE);
    const beacon = await hub.enrolled("ada");
    const report = async (some: readonly number[]) => {
      const link = await beacon.connect();
      link.send({ type: "series", from: 0, names: ["cpu_percent", "container/forgejo/server/memory_bytes"] });
      const values = (at: number) => [(at / SAMPLE) % 100, at / SAMPLE];
      link.send({ type: "report", samples: some.map((at) => ({ at, values: values(at) })) });
      await link.take("ack");
      await link.close();
    };
    await report(moments.slice(0, 20));
    await drained();
    await prometheus.kill();
    await report(moments.slice(20, 40));
    expect((await until(view, ({ problem }) => problem !== undefined)).waiting).toBe(20);
    await hub.restart();
    await report(moments.slice(40));
    // What it has already comes again, as after a death right before that was written down.
    await hub.db
      .insertInto("remote_write_due")
      .values(moments.slice(0, 20).map((at) => ({ beacon: beacon.enrolment.beacon, step_ms: SAMPLE, at })))
      .execute();
    await prometheus.start();
    const done = await drained();
    expect(done.target).toEqual({ url: prometheus.writeUrl, authorization: "none" });
    // It takes again only the newest that it had, and refuses what is older; two series each.
    expect(done.dropped).toBe(2 * 19);
    const [cpu] = await prometheus.samples("wopr_cpu_ratio", 2, hub.now());
    expect(cpu?.metric).toEqual({
      __name__: "wopr_cpu_ratio",
      beacon: beacon.enrolment.beacon,
      beacon_name: "ada",
    });
    expect(cpu?.values).toEqual(moments.map((at) => [at, Number((((at / SAMPLE) % 100) / 100).toPrecision(12))]));
    const [memory] = await prometheus.samples("wopr_container_memory_bytes", 2, hub.now());
    expect(memory?.metric).toMatchObject({ app: "forgejo", service: "server" });
    expect(memory?.values.map(([at]) => at)).toEqual(moments);
  }, 60_000);

  it("drops what the store never takes, says so, and gives it all the rest", async () => {
    await set({ url: prometheus.writeUrl });
    const beacon = await hub.enrolled("bob");
    const link = await beacon.connect();
    link.send({ type: "series", from: 0, names: ["load_1"] });
    const from = past();
    const send = async (moments: readonly number[]) => {
      link.send({ type: "report", samples: moments.map((at) => ({ at, values: [at / SAMPLE] })) });
      await link.take("ack");
    };
    const moments = [5, 6, 7, 8].map((index) => from + index * SAMPLE);
    await send(moments);
    await drained();
    const before = (await view()).dropped;
    // Older than what it has: this Prometheus is not set to take samples out of order.
    await send([from + SAMPLE, from + 9 * SAMPLE]);
    await drained();
    const { dropped, refusal } = await view();
    expect(dropped - before).toBe(1);
    expect(refusal?.message).toContain("out of order");
    const [load] = await prometheus.samples(`wopr_load1{beacon_name="bob"}`, 2, hub.now());
    expect(load?.values.map(([at]) => at)).toEqual([...moments, from + 9 * SAMPLE]);
    expect(String((await (await hub.operator()).get("/metrics")).body)).toMatch(
      /wopr_remote_write_samples_total\{outcome="dropped"\} [1-9]/,
    );
    await link.close();
  }, 60_000);

  it("forgets what waits once it is taken away", async () => {
    await prometheus.kill();
    const beacon = await hub.enrolled("cleo");
    const link = await beacon.connect();
    link.send({ type: "series", from: 0, names: ["load_1"] });
    const send = async (at: number) => {
      link.send({ type: "report", samples: [{ at, values: [1] }] });
      await link.take("ack");
    };
    await send(past());
    await until(view, ({ waiting }) => waiting === 1);
    expect((await (await hub.operator()).delete("/api/remote-write")).status).toBe(200);
    await send(past() + SAMPLE);
    const { target, waiting } = await view();
    expect([target, waiting]).toEqual([undefined, 0]);
    await link.close();
  }, 60_000);
});

describe("GET /metrics", () => {
  const scrape = (headers: Record<string, string>) => fetch(`${hub.url}/metrics`, { headers });
  const make = async () =>
    NewScrapeToken.parse((await (await hub.operator()).post("/api/scrape-token", {})).body).token;

  it("is for the operator, and for who shows the token that was made last", async () => {
    for (const headers of [{}, { authorization: "Bearer x" }, { "x-forwarded-for": "127.0.0.1" }]) {
      expect((await scrape(headers)).status).toBe(401);
    }
    const first = await make();
    expect((await scrape({ authorization: `Bearer ${first}` })).status).toBe(200);
    const second = await make();
    const statuses = [first, second].map(async (token) => (await scrape({ authorization: `Bearer ${token}` })).status);
    expect(await Promise.all(statuses)).toEqual([401, 200]);
    const other = await fetch(`${hub.url}/api/beacons`, { headers: { authorization: `Bearer ${second}` } });
    expect(other.status).toBe(401);
    expect(JSON.stringify(await hub.db.selectFrom("setting").selectAll().execute())).not.toContain(second.slice(12));
    await (await hub.operator()).delete("/api/scrape-token");
    expect((await scrape({ authorization: `Bearer ${second}` })).status).toBe(401);
  });

  it("tells how the hub and each beacon do, as Prometheus wants it, and can be scraped by it", async () => {
    const beacon = await hub.enrolled("dora");
    const link = await beacon.connect();
    link.send({ type: "series", from: 0, names: ["cpu_percent", "disk///used_bytes", "container/a/b/cpu_percent"] });
    link.send({ type: "report", samples: [{ at: hub.now() - 1000, values: [50, 7, 1] }] });
    await link.take("ack");
    const token = await make();
    const page = await (await scrape({ authorization: `Bearer ${token}` })).text();
    expect(await checkMetrics(page)).toBe("");
    const labels = `beacon="${beacon.enrolment.beacon}",beacon_name="dora"`;
    expect(page).toContain(`wopr_beacon_online{${labels}} 1\n`);
    expect(page).toContain(`wopr_cpu_ratio{${labels}} 0.5\n`);
    expect(page).toContain(`wopr_filesystem_used_bytes{${labels},mountpoint="/"} 7\n`);
    expect(page).not.toContain("wopr_container");
    const scraper = await createPrometheus({
      config: `scrape_configs:
  - job_name: wopr
    scrape_interval: 1s
    authorization: { credentials: ${token} }
    static_configs: [{ targets: ["${new URL(hub.url).host}"] }]
`,
    });
    await scraper.start();
    try {
      const found = await until(
        () => scraper.samples("wopr_beacon_online", 1, Date.now()),
        (series) => series.some(({ metric }) => metric.beacon_name === "dora"),
      );
      expect(found.find(({ metric }) => metric.beacon_name === "dora")?.values[0]?.[1]).toBe(1);
    } finally {
      await scraper.stop();
      await link.close();
    }
  }, 60_000);
});
