import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { ChannelInput, ChannelsView, ChannelView } from "#shared/api/channels.ts";
import { Id } from "#shared/names.ts";
import { requireOwner } from "./access.ts";
import type { ApiParts } from "./app.ts";
import { createRoutes, json, jsonBody, problem } from "./contract.ts";

const ChannelPath = z.object({ channel: Id });

const routes = {
  view: createRoute({
    method: "get",
    path: "/channels",
    middleware: [requireOwner] as const,
    summary: "The owner's channels for alerts, which this beacon uses itself, and what kinds there are",
    responses: { 200: json(ChannelsView, "The channels, without their secrets"), default: problem },
  }),
  add: createRoute({
    method: "post",
    path: "/channels",
    middleware: [requireOwner] as const,
    summary: "Add a channel. It and its secrets stay on this beacon",
    request: { body: jsonBody(ChannelInput) },
    responses: { 201: json(ChannelView, "The channel"), default: problem },
  }),
  change: createRoute({
    method: "put",
    path: "/channels/{channel}",
    middleware: [requireOwner] as const,
    summary: "Change a channel. Secrets that are left out stay as they are",
    request: { params: ChannelPath, body: jsonBody(ChannelInput) },
    responses: { 200: json(ChannelView, "The channel"), default: problem },
  }),
  remove: createRoute({
    method: "delete",
    path: "/channels/{channel}",
    middleware: [requireOwner] as const,
    summary: "Remove a channel, and what waits for it",
    request: { params: ChannelPath },
    responses: { 204: { description: "It is gone" }, default: problem },
  }),
  test: createRoute({
    method: "post",
    path: "/channels/{channel}/test",
    middleware: [requireOwner] as const,
    summary: "Send a test notice now; answers what the other side said",
    request: { params: ChannelPath },
    responses: { 204: { description: "The other side took it" }, default: problem },
  }),
};

/** The owner's own ways to be told of alerts. */
export const createChannelRoutes = ({ ownerChannels }: Pick<ApiParts, "ownerChannels">) =>
  createRoutes()
    .openapi(routes.view, (c) => c.json(ownerChannels.view(), 200))
    .openapi(routes.add, (c) => c.json(ownerChannels.add(c.req.valid("json"), c.var.person.email), 201))
    .openapi(routes.change, (c) =>
      c.json(ownerChannels.change(c.req.valid("param").channel, c.req.valid("json"), c.var.person.email), 200),
    )
    .openapi(routes.remove, (c) => {
      ownerChannels.remove(c.req.valid("param").channel, c.var.person.email);
      return c.body(null, 204);
    })
    .openapi(routes.test, async (c) => {
      await ownerChannels.test(c.req.valid("param").channel);
      return c.body(null, 204);
    });
