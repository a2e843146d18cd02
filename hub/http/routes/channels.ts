import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { ChannelInput, ChannelsView, ChannelView } from "#shared/api/channels.ts";
import { Id } from "#shared/names.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const ChannelParams = z.object({ channel: Id });
const Nothing = z.object({});

/** The ways on which people are told what is wrong. Secrets go in and never come out. */
export const createChannelRoutes = ({ guards, channels, deliveries, audit }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/channels",
        tags: ["alerts"],
        summary: "The channels, how their deliveries go, and which kinds there are",
        middleware: guards.operator,
        responses: { 200: json(ChannelsView, "Oldest first") },
      }),
      async (c) => c.json(await channels.view(), 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/channels",
        tags: ["alerts"],
        summary: "Add a channel",
        middleware: guards.operator,
        request: { body: body(ChannelInput) },
        responses: { 201: json(ChannelView, "The channel") },
      }),
      async (c) => {
        return c.json(await channels.add(c.req.valid("json"), c.var.user.email), 201);
      },
    )
    .openapi(
      createRoute({
        method: "put",
        path: "/channels/{channel}",
        tags: ["alerts"],
        summary: "Change a channel. Secrets that are left out stay as they are",
        middleware: guards.operator,
        request: { params: ChannelParams, body: body(ChannelInput) },
        responses: { 200: json(ChannelView, "The channel") },
      }),
      async (c) => {
        const { channel } = c.req.valid("param");
        return c.json(await channels.change(channel, c.req.valid("json"), c.var.user.email), 200);
      },
    )
    .openapi(
      createRoute({
        method: "delete",
        path: "/channels/{channel}",
        tags: ["alerts"],
        summary: "Remove a channel, and what waits for it",
        middleware: guards.operator,
        request: { params: ChannelParams },
        responses: { 200: json(Nothing, "It is gone") },
      }),
      async (c) => {
        await channels.remove(c.req.valid("param").channel, c.var.user.email);
        return c.json({}, 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/channels/{channel}/test",
        tags: ["alerts"],
        summary: "Send a test notice now; answers what the other side said",
        middleware: guards.operator,
        request: { params: ChannelParams },
        responses: { 200: json(Nothing, "The other side took it; a mail is on its way") },
      }),
      async (c) => {
        const { channel: subject } = c.req.valid("param");
        await deliveries.test(subject);
        await audit.write({ actor: c.var.user.email, action: "channel.test", subject });
        return c.json({}, 200);
      },
    );
