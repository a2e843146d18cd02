import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { HubLink, LoginLink } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import { requireOwner } from "./access.ts";
import type { ApiParts } from "./app.ts";
import { createRoutes, json, jsonBody, problem } from "./contract.ts";

const Confirmed = z.strictObject({ confirm: z.string() });

const link = createRoute({
  method: "get",
  path: "/link",
  summary: "How the link to the hub is",
  responses: { 200: json(HubLink, "The link"), default: problem },
});

const leave = createRoute({
  method: "post",
  path: "/leave",
  middleware: [requireOwner] as const,
  summary: "Detach this beacon from its hub for good, confirmed by its name. Everything on it goes on",
  request: { body: jsonBody(Confirmed) },
  responses: { 202: json(HubLink, "It is detached, and the hub will hear of it"), default: problem },
});

const login = createRoute({
  method: "post",
  path: "/login-links",
  summary: "A one-time link that signs the owner in, without any hub",
  responses: { 201: json(LoginLink, "The link, good for a quarter of an hour"), default: problem },
});

const rotate = createRoute({
  method: "post",
  path: "/key/rotate",
  summary: "Give the agent a new key. The present one counts until the new one is proved",
  responses: { 202: json(HubLink, "Begun; it goes on at the next link when there is none"), default: problem },
});

/** What anybody may ask who is let in, and what the owner may do about the hub. */
export const createTrustRoutes = ({ trust, enrolment }: ApiParts) =>
  createRoutes()
    .openapi(link, (c) => c.json(trust.link(), 200))
    .openapi(leave, (c) => {
      const { email, role } = c.var.person;
      // Whoever runs the hub does not decide for its customers.
      if (role === "operator") throw new Problem("forbidden", "only the owner of this beacon may detach it");
      if (c.req.valid("json").confirm !== enrolment.name) {
        throw new Problem("invalid_input", `this is confirmed by the name of the beacon, which is ${enrolment.name}`);
      }
      trust.leave(email);
      return c.json(trust.link(), 202);
    });

/** What only root may do, over the socket that only root can open. */
export const createRootRoutes = ({ trust, dashboardUrl }: ApiParts) =>
  createRoutes()
    .openapi(login, (c) => {
      const { code, expiresAt } = trust.loginLinks.create();
      // Behind the #, which browsers send to nobody.
      return c.json({ url: `${dashboardUrl}/#sign-in=${code}`, expiresAt }, 201);
    })
    .openapi(rotate, (c) => {
      trust.rotateKey();
      return c.json(trust.link(), 202);
    });
