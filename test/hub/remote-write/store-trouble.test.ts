import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { uncompress } from "snappyjs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { retryAfterMs } from "#hub/remote-write/post.ts";
import { retryInMs } from "#hub/remote-write/remote-write.ts";
import { createRemoteWriteDue } from "#hub/store/remote-write-due.ts";
import { RemoteWriteView } from "#shared/api/remote-write.ts";
import { until } from "../provisioning/until.ts";
import type { TestLink } from "../test-agent.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

/** A store that answers what the test wants. */
const asked: { headers: IncomingMessage["headers"]; body: Buffer }[] = [];
let answer: (nth: number) => { status: number; text?: string; headers?: Record<string, string> };
const store = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  asked.push({ headers: request.headers, body: Buffer.concat(chunks) });
  const { status, text = "", headers } = answer(asked.length);
  response.writeHead(status, headers).end(text);
});

let hub: TestHub;
let link: TestLink;
let moment = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve));
  hub = await startTestHub();
  moment = hub.now() - (hub.now() % 10_000) - 30 * 60_000;
  link = await (await hub.enrolled("ada")).connect();
  link.send({ type: "series", from: 0, names: ["load_1"] });
});
afterAll(async () => {
  await hub.stop();
  store.close();
});
beforeEach(async () => {
  asked.length = 0;
  answer = () => ({ status: 204 });
  await (await hub.operator()).delete("/api/remote-write");
});

const url = () => {
  const { port }: AddressInfo = Object(store.address());
  return `http://127.0.0.1:${port}/write`;
};
const view = async () => RemoteWriteView.parse((await (await hub.operator()).get("/api/remote-write")).body);
const set = async (input: object) => (await hub.operator()).put("/api/remote-write", { url: url(), ...input });
const report = async (count: number) => {
  const samples = Array.from({ length: count }, (_sample, index) => ({
    at: moment + (index + 1) * 10_000,
    values: [1],
  }));
  moment += count * 10_000;
  link.send({ type: "report", samples });
  await link.take("ack");
};

describe("a store in trouble", () => {
  it.each([500, 503, 429])("that answers %i gets the same again, when it says so", async (status) => {
    answer = (nth) => (nth === 1 ? { status, headers: { "retry-after": "1" } } : { status: 200 });
    await set({});
    await report(3);
    await until(view, ({ waiting }) => waiting === 0);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.body).toEqual(asked[0]?.body);
    expect(asked[0]?.headers).toMatchObject({
      "content-type": "application/x-protobuf",
      "content-encoding": "snappy",
      "x-prometheus-remote-write-version": "0.1.0",
    });
    expect(uncompress(asked[0]?.body ?? Buffer.alloc(0)).includes("wopr_load1")).toBe(true);
  });

  it("that wants the next try at once, each time, is not asked in a tight loop", async () => {
    answer = () => ({ status: 503, headers: { "retry-after": "0" } });
    const startedAt = performance.now();
    await set({});
    await report(2);
    await until(view, () => asked.length >= 3);
    expect(performance.now() - startedAt).toBeGreaterThan(1900);
    answer = () => ({ status: 204 });
    await until(view, ({ waiting }) => waiting === 0);
  });

  it("that wants to be left alone for longer than a timer can count is asked once, until its setting is another", async () => {
    answer = () => ({ status: 429, headers: { "retry-after": "99999999" } });
    await set({});
    await report(2);
    await until(view, ({ problem }) => problem !== undefined);
    for (let looks = 0; looks < 20; looks++) expect(await view()).toMatchObject({ waiting: 2 });
    expect(asked).toHaveLength(1);
    answer = () => ({ status: 204 });
    await set({});
    await until(view, ({ waiting }) => waiting === 0);
  });

  it("that refuses one sample gets the others", async () => {
    await set({});
    answer = () => ({ status: 503, headers: { "retry-after": "1" } });
    await report(8);
    let refused = 0;
    await until(view, ({ problem }) => problem !== undefined);
    // Whatever holds the last sample is refused, until it is alone.
    const last = Buffer.alloc(10);
    const { length } = encodeVarint(moment, last);
    answer = () => {
      const body = Buffer.from(uncompress(asked.at(-1)?.body ?? Buffer.alloc(0)));
      if (!body.includes(last.subarray(0, length))) return { status: 204 };
      refused += 1;
      return { status: 400, text: "bad sample" };
    };
    const before = await view();
    // What waits is counted in the database, what was dropped after it.
    const after = await until(view, ({ waiting, dropped }) => waiting === 0 && dropped > before.dropped);
    expect([after.dropped - before.dropped, after.sent - before.sent, refused]).toEqual([1, 7, 4]);
    expect(after.refusal?.message).toContain("bad sample");
  });

  it.each([401, 403, 404])(
    "that answers %i is not at fault for what is written: nothing is dropped",
    async (status) => {
      const isRight = () => asked.at(-1)?.headers.authorization === "Bearer right";
      answer = () => (isRight() ? { status: 204 } : { status, text: "no" });
      await set({ authorization: "bearer", secret: "wrong" });
      await report(2);
      const { problem, waiting } = await until(view, (seen) => seen.problem !== undefined);
      expect([problem?.message, waiting]).toEqual([`the store of measurements answered ${status}: no`, 2]);
      await set({ authorization: "bearer", secret: "right" });
      await until(view, (seen) => seen.waiting === 0);
      expect(isRight()).toBe(true);
    },
  );
});

describe("how long is waited", () => {
  const now = Date.parse("Sun, 06 Nov 1994 08:49:37 GMT");

  it.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Sun, 06 Nov 1994 08:50:07 GMT", 30_000],
    ["Sun, 06 Nov 1994 08:00:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
    ["-5 things", undefined],
    [null, undefined],
  ])("is read from %j", (header, wanted) => {
    expect(retryAfterMs(header, now)).toBe(wanted);
  });

  it("grows from a second to a minute where the store does not say, and is believed within bounds where it does", () => {
    expect([1, 2, 3, 6, 7, 5000].map((failures) => retryInMs(failures, undefined))).toEqual([
      ...[1_000, 2_000, 4_000, 32_000, 60_000, 60_000],
    ]);
    expect([0, 5_000, 90_000, 3_600_000, 1e15].map((asks) => retryInMs(9, asks))).toEqual([
      ...[1_000, 5_000, 90_000, 3_600_000, 3_600_000],
    ]);
  });
});

describe("the secret", () => {
  it("is kept sealed, shown to nobody but the store, and stays when it is left out", async () => {
    await set({ authorization: "basic", username: "ada", secret: "s3cr3t-of-the-store" });
    await set({ authorization: "basic", username: "bob" });
    await report(1);
    await until(view, ({ waiting }) => waiting === 0);
    const basic = Buffer.from("bob:s3cr3t-of-the-store").toString("base64");
    expect(asked[0]?.headers.authorization).toBe(`Basic ${basic}`);
    expect(JSON.stringify(await view())).not.toContain("s3cr3t");
    expect(JSON.stringify(await hub.db.selectFrom("setting").selectAll().execute())).not.toContain("s3cr3t");
    expect(JSON.stringify(await hub.db.selectFrom("audit").selectAll().execute())).not.toContain("s3cr3t");
  });

  it("does not belong into the URL", async () => {
    expect((await set({ url: "http://ada:secret@127.0.0.1/" })).status).toBe(400);
    expect((await set({ url: "file:///etc/passwd" })).status).toBe(400);
  });
});

describe("what waits for longer than it is kept", () => {
  it("is written as the coarser spans that took its place", async () => {
    const due = createRemoteWriteDue(hub.db);
    due.isOn = true;
    const HOUR = 3_600_000;
    const at = hub.now() - (hub.now() % (24 * HOUR)) - 3 * HOUR;
    const rows = [0, 10_000, 60_000].map((later) => ({ beacon: "bcn_x", step_ms: 10_000, at: at + later }));
    await hub.db.insertInto("remote_write_due").values(rows).execute();
    await due.coarsen(at + HOUR + 70_000);
    expect(await due.oldest(10)).toEqual(
      [at, at + 60_000].map((start) => ({ beacon: "bcn_x", step_ms: start === at ? 60_000 : 10_000, at: start })),
    );
    await due.coarsen(at + HOUR + 120_000);
    expect(await due.oldest(10)).toMatchObject([{ step_ms: 60_000 }, { step_ms: 60_000 }]);
    await due.coarsen(at + 25 * HOUR);
    expect(await due.oldest(10)).toEqual([{ beacon: "bcn_x", step_ms: 600_000, at }]);
    expect(due.forgotten()).toBe(0);
    await due.coarsen(at + 32 * 24 * HOUR);
    expect([await due.count(), due.forgotten()]).toEqual([0, 1]);
  });
});

function encodeVarint(value: number, into: Buffer): { length: number } {
  let left = BigInt(value);
  let length = 0;
  for (; left > 127n; left >>= 7n) into[length++] = Number(left & 127n) | 128;
  into[length++] = Number(left);
  return { length };
}
