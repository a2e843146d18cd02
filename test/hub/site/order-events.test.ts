import { Hono } from "hono";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import type { HubEnv } from "#hub/http/env.ts";
import { orderEvents } from "#hub/http/site/order-events.ts";
import { createLive, type Live } from "#hub/live.ts";
import { type OrderView, orderSentence } from "#hub/site/pages/order.ts";
import { parseEvents } from "#shared/api/server-sent-events.ts";
import { job, site } from "./order-view.ts";

const log = pino({ level: "silent" });
const before: OrderView = { isMine: false, job: job("PENDING") };
const after: OrderView = { isMine: false, job: job("PROVISIONING_VPS") };
const last: OrderView = { isMine: false, job: job("COMPLETED") };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Who looks at an order: gives the next sentence that they are shown. `reads` are what the order is at each look of the hub. */
async function look(live: Live, reads: readonly (() => OrderView)[]): Promise<() => Promise<string>> {
  const left = [...reads];
  const read = async () => {
    const next = left.shift();
    if (next === undefined) throw new Error("read too often");
    return next();
  };
  const app = new Hono<HubEnv>().get("/", (c) => orderEvents(c, { site, live, log, streamTimes: {} }, read));
  const { body } = await app.request("/");
  if (body === null) throw new Error("a stream has a body");
  const events = parseEvents(body.pipeThrough(new TextDecoderStream()));
  open.push(async () => void (await events.return(undefined)));
  return async () => {
    const { value } = await events.next();
    return JSON.parse(value?.data ?? "{}").sentence;
  };
}

describe("the stream of an order", () => {
  it("shows what happened while it was being opened, which was told to nobody", async () => {
    const next = await look(createLive(fail), [() => before, () => after]);
    expect(await next()).toBe(orderSentence(after));
  });

  it("does not go back to what was read when something newer was told meanwhile", async () => {
    const live = createLive(fail);
    const readLate = () => {
      live.publish("job", after.job);
      return before;
    };
    const next = await look(live, [() => before, readLate]);
    expect(await next()).toBe(orderSentence(after));
    live.publish("job", last.job);
    expect(await next()).toBe(orderSentence(last));
  });

  it("tells of its own order alone", async () => {
    const live = createLive(fail);
    const next = await look(live, [() => before, () => before]);
    expect(await next()).toBe(orderSentence(before));
    live.publish("job", { ...after.job, purchase: "purchase_of-another" });
    live.publish("job", last.job);
    expect(await next()).toBe(orderSentence(last));
  });
});

function fail(error: unknown): never {
  throw error;
}
