import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { JobView, Order } from "#shared/api/hub.ts";
import { Id } from "#shared/names.ts";
import { Problem } from "#shared/problem.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";
import { nothingSold } from "./billing.ts";

const JobParams = z.object({ job: Id });

/**
 * From an order to a beacon. The operator places orders, for nothing or for a price, and approves those of customers. Provisioning keeps
 * their audit log.
 */
export const createOrderRoutes = ({ billing, guards, orders }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "post",
        path: "/orders",
        tags: ["orders"],
        summary: "Order a beacon",
        middleware: guards.operator,
        request: { body: body(Order) },
        responses: { 202: json(JobView, "The job that makes it") },
      }),
      async (c) => {
        const { prices, ...order } = c.req.valid("json");
        if (prices !== undefined && billing === undefined) throw nothingSold();
        const payment = prices === undefined ? undefined : billing?.price(prices);
        return c.json(await orders.order(order, c.var.user.email, { payment }), 202);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/jobs",
        tags: ["orders"],
        summary: "All jobs",
        middleware: guards.operator,
        responses: { 200: json(z.object({ jobs: z.array(JobView) }), "Newest first") },
      }),
      async (c) => c.json({ jobs: await orders.jobs() }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/jobs/{job}",
        tags: ["orders"],
        summary: "One job and its history",
        middleware: guards.operator,
        request: { params: JobParams },
        responses: { 200: json(JobView, "The job") },
      }),
      async (c) => {
        const { job: id } = c.req.valid("param");
        const job = await orders.job(id);
        if (job === undefined) throw new Problem("not_found", `there is no job ${id}`);
        return c.json(job, 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/jobs/{job}/approve",
        tags: ["orders"],
        summary: "Let an order pass without a payment",
        middleware: guards.operator,
        request: { params: JobParams },
        responses: { 202: json(JobView, "The job") },
      }),
      async (c) => {
        return c.json(await orders.approve(c.req.valid("param").job, c.var.user.email), 202);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/jobs/{job}/retry",
        tags: ["orders"],
        summary: "Try again from the state in which it failed",
        middleware: guards.operator,
        request: { params: JobParams },
        responses: { 202: json(JobView, "The job") },
      }),
      async (c) => {
        return c.json(await orders.retry(c.req.valid("param").job, c.var.user.email), 202);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/jobs/{job}/cancel",
        tags: ["orders"],
        summary: "Take back what the job made",
        middleware: guards.operator,
        request: { params: JobParams },
        responses: { 202: json(JobView, "The job") },
      }),
      async (c) => {
        return c.json(await orders.cancel(c.req.valid("param").job, c.var.user.email), 202);
      },
    );
