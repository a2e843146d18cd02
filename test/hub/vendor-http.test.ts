import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createVendorHttp, Ignored, type VendorHttpOptions, type VendorRequest } from "#hub/vendor-http.ts";
import { Problem } from "#shared/problem.ts";
import { createClock } from "#test/simulators/clock.ts";

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** The connection breaks instead. */
  readonly breaks?: boolean;
}

const clock = createClock();
const seen: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = [];
/** The last one is given again and again. */
let answers: Answer[] = [];
let server: Server;
let endpoint: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 500 };
    if (answer.breaks === true) request.socket.destroy();
    else response.writeHead(answer.status, answer.headers).end(answer.body ?? "{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on no port");
  endpoint = `http://127.0.0.1:${address.port}/v1`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
afterEach(() => {
  seen.length = 0;
});

/** Where somebody was a moment ago. */
async function nobodysAddress(): Promise<string> {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  other.close();
  await once(other, "close");
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const SECRET = "s3cr3t-token";
const open = (over: Partial<VendorHttpOptions> = {}) =>
  createVendorHttp({
    title: "The vendor",
    endpoint,
    headers: () => ({ authorization: `Bearer ${SECRET}` }),
    secrets: [SECRET],
    judge: () => ({}),
    now: clock.now,
    sleep: clock.sleep,
    ...over,
  });
const get: VendorRequest = { method: "GET", path: "/things" };
const post: VendorRequest = { method: "POST", path: "/things", body: { name: "ada" } };

/** Answers so, asks, and gives the problem that comes of it. */
async function problemOf(request: VendorRequest, given: Answer | Answer[], over: Partial<VendorHttpOptions> = {}) {
  answers = Array.isArray(given) ? given : [given];
  const thrown = await open(over)
    .ask(Ignored, request)
    .catch((error: unknown) => error);
  if (thrown instanceof Problem) return thrown;
  throw new Error(`no problem, but ${JSON.stringify(thrown)}`);
}

describe("a request to a vendor", () => {
  test("carries who we are, its query and its body, and gives what the schema makes of the answer", async () => {
    answers = [{ status: 201, body: '{"id":5,"more":true}' }];
    const request = { ...post, query: { page: 2, name: "a b&c", left: undefined } };
    expect(await open().ask(z.object({ id: z.number() }), request)).toEqual({ id: 5 });
    expect(seen).toMatchObject([{ method: "POST", url: "/v1/things?page=2&name=a+b%26c", body: '{"name":"ada"}' }]);
    expect(seen[0]?.headers).toMatchObject({ authorization: `Bearer ${SECRET}`, "content-type": "application/json" });
  });

  test("is signed over what is really sent, anew each time", async () => {
    answers = [
      { status: 429, headers: { "retry-after": "1" } },
      { status: 204, body: "" },
    ];
    const signed: unknown[] = [];
    const headers: VendorHttpOptions["headers"] = async (parts) => {
      signed.push(parts);
      return { "x-signature": String(signed.length) };
    };
    await open({ headers }).ask(Ignored, { ...post, query: { page: 1 } });
    expect(signed).toEqual(Array(2).fill({ method: "POST", url: `${endpoint}/things?page=1`, body: '{"name":"ada"}' }));
    expect(seen.map((one) => one.headers["x-signature"])).toEqual(["1", "2"]);
  });

  test("that finds nothing gives nothing", async () => {
    answers = [{ status: 404 }];
    expect(await open().find(Ignored, get)).toBeUndefined();
    await expect(open().ask(Ignored, get)).rejects.toMatchObject({ code: "not_found" });
    answers = [{ status: 403 }];
    await expect(open().find(Ignored, get)).rejects.toMatchObject({ code: "provider_credentials" });
  });
});

describe("what a refusal means", () => {
  test.each([
    [401, "provider_credentials"],
    [403, "provider_credentials"],
    [404, "not_found"],
    [400, "provider_refused"],
    [409, "provider_refused"],
    [422, "provider_refused"],
    [429, "provider_unavailable"],
    [500, "provider_unavailable"],
    [503, "provider_unavailable"],
  ])("%i is %s, unless the vendor's own words say more", async (status, code) => {
    expect(await problemOf(post, { status })).toMatchObject({ code, details: { status } });
    const judge = () => ({ code: "provider_quota", reason: "no more", vendorCode: "limit" }) as const;
    const judged = await problemOf(post, { status, body: "<html>" }, { judge });
    expect(judged).toMatchObject({ code: "provider_quota", message: "The vendor: no more", hint: expect.any(String) });
    expect(judged.details).toMatchObject({ vendorCode: "limit" });
  });

  test("an answer that is not as described is no success", async () => {
    answers = [{ status: 200, body: '{"id":"five"}' }];
    const odd = open().ask(z.object({ id: z.number() }), get);
    await expect(odd).rejects.toMatchObject({ code: "provider_unavailable", details: { issues: expect.any(String) } });
  });
});

describe("secrets", () => {
  const textOf = (problem: Problem) => `${JSON.stringify(problem)} ${problem.stack} ${String(problem.cause)}`;

  test("are cut out of what the vendor says", async () => {
    const judge = () => ({ reason: `unknown token ${SECRET}`, vendorCode: `x${SECRET}` });
    const problem = await problemOf(post, { status: 401 }, { judge });
    expect(problem.message).toBe("The vendor: unknown token …");
    expect(textOf(problem)).not.toContain(SECRET);
  });

  test("in an address are in no message when nobody is there", async () => {
    const problem = await problemOf({ ...post, query: { key: SECRET } }, { status: 0, breaks: true });
    expect(problem.code).toBe("provider_unavailable");
    expect(textOf(problem)).not.toContain(SECRET);
    const away = open({ endpoint: await nobodysAddress() }).ask(Ignored, post);
    await expect(away).rejects.toMatchObject({ message: "The vendor could not be reached (ECONNREFUSED)" });
  });
});

describe("trying again", () => {
  const okay = { status: 200 };

  test.each([
    ["GET", 2],
    ["PUT", 2],
    ["DELETE", 2],
    ["POST", 1],
    ["PATCH", 1],
  ] as const)("%s after trouble on the vendor's side is sent %i times", async (method, times) => {
    answers = [{ status: 502 }, okay];
    const sent = open().ask(Ignored, { method, path: "/things" });
    if (times === 2) await sent;
    else await expect(sent).rejects.toMatchObject({ code: "provider_unavailable" });
    expect(seen).toHaveLength(times);
  });

  test("a POST that can be repeated says so", async () => {
    answers = [{ status: 0, breaks: true }, okay];
    await open().ask(Ignored, { ...post, repeatable: true });
    expect(seen).toHaveLength(2);
  });

  test("a POST whose answer was lost is not sent again", async () => {
    expect((await problemOf(post, { status: 0, breaks: true })).code).toBe("provider_unavailable");
    expect(seen).toHaveLength(1);
  });

  test("ends after three more, and what is refused is not tried again", async () => {
    await problemOf(get, { status: 500 });
    expect(seen).toHaveLength(4);
    seen.length = 0;
    await problemOf(get, { status: 400 });
    expect(seen).toHaveLength(1);
  });

  test.each<[string, () => Record<string, string>, number]>([
    ["seconds", () => ({ "retry-after": "9" }), 9000],
    ["a date", () => ({ "retry-after": new Date(clock.now() + 12_000).toUTCString() }), 12_000],
    ["a reset", () => ({ "ratelimit-remaining": "0", "ratelimit-reset": String(clock.now() / 1000 + 4) }), 4000],
    [
      "a reset with an x",
      () => ({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(clock.now() / 1000 + 4) }),
      4000,
    ],
    ["nothing", () => ({}), 500],
  ])("waits for as long as it is told by %s", async (_how, headers, ms) => {
    clock.pass(1000 - (clock.now() % 1000));
    answers = [{ status: 429, headers: headers() }, okay];
    const before = clock.now();
    await open().ask(Ignored, post);
    expect(clock.now() - before).toBe(ms);
    expect(seen).toHaveLength(2);
  });

  test("does not wait for longer than half a minute in all, and tells how long it would have been", async () => {
    const before = clock.now();
    const problem = await problemOf(post, { status: 429, headers: { "retry-after": "20" } });
    expect(problem).toMatchObject({ code: "provider_unavailable", details: { retryAfterMs: 20_000 } });
    expect(clock.now() - before).toBe(20_000);
    expect(seen).toHaveLength(2);
  });
});
