import { hc } from "hono/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { HubApi } from "#hub/http/app.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

const Operation = z.object({
  summary: z.string().min(5),
  tags: z.array(z.string()).min(1),
  parameters: z
    .array(z.object({ name: z.string(), in: z.enum(["path", "query"]), schema: z.record(z.string(), z.unknown()) }))
    .optional(),
  responses: z
    .partialRecord(
      z.string().regex(/^\d{3}$/),
      z.object({ description: z.string().min(3), content: z.record(z.string(), z.unknown()).optional() }),
    )
    // What has a body says what it looks like.
    .refine((answers) => Object.entries(answers).every(([status, answer]) => status === "204" || answer?.content)),
});
const Document = z.object({
  openapi: z.literal("3.1.0"),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(z.string().startsWith("/api/"), z.partialRecord(z.enum(["get", "post", "put", "delete"]), Operation)),
});

let hub: TestHub;
let document: z.output<typeof Document>;
beforeAll(async () => {
  hub = await startTestHub();
  document = Document.parse((await hub.client().get("/api/openapi.json")).body);
});
afterAll(() => hub.stop());

describe("the OpenAPI document", () => {
  it("lists every route", () => {
    const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual([
      "DELETE /api/channels/{channel}",
      "DELETE /api/people/{email}",
      "DELETE /api/remote-write",
      "DELETE /api/scrape-token",
      "GET /api/alert-rules",
      "GET /api/alerts",
      "GET /api/alerts/history",
      "GET /api/audit",
      "GET /api/beacons",
      "GET /api/beacons/{beacon}/alerts",
      "GET /api/beacons/{beacon}/audit",
      "GET /api/beacons/{beacon}/commands",
      "GET /api/beacons/{beacon}/commands/{command}",
      "GET /api/beacons/{beacon}/events",
      "GET /api/beacons/{beacon}/logs/{instance}",
      "GET /api/beacons/{beacon}/metrics",
      "GET /api/beacons/{beacon}/modules",
      "GET /api/beacons/{beacon}/notices",
      "GET /api/beacons/{beacon}/overview",
      "GET /api/billing/invoices",
      "GET /api/bundles",
      "GET /api/channels",
      "GET /api/events",
      "GET /api/hub",
      "GET /api/jobs",
      "GET /api/jobs/{job}",
      "GET /api/keys",
      "GET /api/lifecycle",
      "GET /api/lifecycle/{job}",
      "GET /api/me",
      "GET /api/modules",
      "GET /api/names/{name}",
      "GET /api/people",
      "GET /api/providers",
      "GET /api/purchases/{purchase}/payment",
      "GET /api/reconcile",
      "GET /api/remote-write",
      "GET /api/revenue",
      "GET /api/scrape-token",
      "GET /api/setup",
      "GET /api/subscriptions",
      "GET /api/subscriptions/{subscription}/invoices",
      "GET /api/token-keys",
      "POST /api/agent/enrol",
      "POST /api/agent/goodbye",
      "POST /api/beacons/{beacon}/commands",
      "POST /api/beacons/{beacon}/commands/{command}/cancel",
      "POST /api/beacons/{beacon}/enrolment",
      "POST /api/beacons/{beacon}/exec",
      "POST /api/beacons/{beacon}/exec/{session}",
      "POST /api/beacons/{beacon}/leave",
      "POST /api/beacons/{beacon}/lifecycle",
      "POST /api/beacons/{beacon}/plan",
      "POST /api/beacons/{beacon}/revoke",
      "POST /api/beacons/{beacon}/silences",
      "POST /api/beacons/{beacon}/visit",
      "POST /api/billing/portal",
      "POST /api/billing/sync",
      "POST /api/channels",
      "POST /api/channels/{channel}/test",
      "POST /api/jobs/{job}/approve",
      "POST /api/jobs/{job}/cancel",
      "POST /api/jobs/{job}/retry",
      "POST /api/keys/rotate",
      "POST /api/lifecycle/{job}/cancel",
      "POST /api/lifecycle/{job}/retry",
      "POST /api/me/sessions/end",
      "POST /api/orders",
      "POST /api/people/{email}/sessions/end",
      "POST /api/providers/{provider}/check",
      "POST /api/purchases/{purchase}/checkout",
      "POST /api/reconcile",
      "POST /api/scrape-token",
      "POST /api/setup",
      "POST /api/silences",
      "POST /api/subscriptions/{subscription}/credits",
      "POST /api/token-keys/rotate",
      "POST /api/webhooks/stripe",
      "PUT /api/alert-rules",
      "PUT /api/beacons/{beacon}/notices",
      "PUT /api/channels/{channel}",
      "PUT /api/me/password",
      "PUT /api/providers/{provider}",
      "PUT /api/remote-write",
      "PUT /api/subscriptions/{subscription}/prices",
    ]);
  });

  it("names every part of a path", () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const operation of Object.values(operations)) {
        const named = operation?.parameters?.filter((parameter) => parameter.in === "path").map(({ name }) => name);
        expect(named ?? []).toEqual(parts);
      }
    }
  });

  it("describes what the answers look like", () => {
    const { content } = document.paths["/api/beacons/{beacon}/overview"]?.get?.responses["200"] ?? {};
    expect(JSON.stringify(content)).toMatch(/"online":\{"type":"boolean"\}/);
  });
});

describe("the typed client", () => {
  it("reads what the API answers", async () => {
    const client = hc<HubApi>(`${hub.url}/api`);
    const setup = await (await client.setup.$get()).json();
    expect(setup.needed).toBe(true);
    const { modules } = await (await client.modules.$get()).json();
    expect(modules.map(({ id }) => id)).toEqual(["page"]);
    const answer = await client.beacons[":beacon"].overview.$get({ param: { beacon: "bcn_12345678" } });
    expect(answer.status).toBe(401);
  });
});
