import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { RemoteWriteInput, RemoteWriteView } from "#shared/api/remote-write.ts";
import { NewScrapeToken, ScrapeTokenView } from "#shared/api/scrape-token.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const Nothing = z.object({});

/** Where measurements go besides the hub's own charts: who may read `/metrics`, and the store that is written to. */
export const createMeasurementRoutes = ({ guards, scrapeTokens, remoteWrite }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/scrape-token",
        tags: ["measurements"],
        summary: "Whether there is a token with which Prometheus may read /metrics",
        middleware: guards.operator,
        responses: { 200: json(ScrapeTokenView, "Since when") },
      }),
      async (c) => c.json(await scrapeTokens.view(), 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/scrape-token",
        tags: ["measurements"],
        summary: "Make a token for /metrics; the one before is no longer valid",
        middleware: guards.operator,
        responses: { 201: json(NewScrapeToken, "The token, which is shown this once") },
      }),
      async (c) => {
        return c.json(await scrapeTokens.make(c.var.user.email), 201);
      },
    )
    .openapi(
      createRoute({
        method: "delete",
        path: "/scrape-token",
        tags: ["measurements"],
        summary: "Take the token for /metrics away",
        middleware: guards.operator,
        responses: { 200: json(Nothing, "It is no longer valid") },
      }),
      async (c) => {
        await scrapeTokens.remove(c.var.user.email);
        return c.json({}, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/remote-write",
        tags: ["measurements"],
        summary: "The store that measurements of the whole fleet are written to, and how that goes",
        middleware: guards.operator,
        responses: { 200: json(RemoteWriteView, "Without its secrets") },
      }),
      async (c) => c.json(await remoteWrite.view(), 200),
    )
    .openapi(
      createRoute({
        method: "put",
        path: "/remote-write",
        tags: ["measurements"],
        summary:
          "Write measurements to a Prometheus-compatible store, from now on. A secret that is left out stays as it is",
        middleware: guards.operator,
        request: { body: body(RemoteWriteInput) },
        responses: { 200: json(RemoteWriteView, "Without its secrets") },
      }),
      async (c) => {
        await remoteWrite.set(c.req.valid("json"), c.var.user.email);
        return c.json(await remoteWrite.view(), 200);
      },
    )
    .openapi(
      createRoute({
        method: "delete",
        path: "/remote-write",
        tags: ["measurements"],
        summary: "Write measurements to no store, and forget what waits for it",
        middleware: guards.operator,
        responses: { 200: json(Nothing, "Nothing is written any more") },
      }),
      async (c) => {
        await remoteWrite.remove(c.var.user.email);
        return c.json({}, 200);
      },
    );
