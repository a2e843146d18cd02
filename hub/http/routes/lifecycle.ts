import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { type LifecycleChange, LifecycleJobView, LifecycleRequest } from "#shared/api/lifecycle.ts";
import { Id } from "#shared/names.ts";
import { Problem } from "#shared/problem.ts";
import { newId } from "../../id.ts";
import { assertConfirmed, BeaconParams, body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const JobParams = z.object({ job: Id });
const JobQuery = z.object({ beacon: Id.optional() });

/** What is done to beacons as a whole. Lifecycle keeps the audit log itself, in the transaction of what is changed. */
export const createLifecycleRoutes = ({ guards, lifecycle }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/lifecycle",
        tags: ["lifecycle"],
        summary: "Suspend, resume, resize, rebuild, hand over or delete a beacon: a job that is carried through",
        middleware: [guards.operator, guards.beacon] as const,
        request: { params: BeaconParams, body: body(LifecycleRequest) },
        responses: { 202: json(LifecycleJobView, "The job, to be followed by its id") },
      }),
      async (c) => {
        const { beacon, user } = c.var;
        const change = confirmed(c.req.valid("json"), beacon.name);
        const order = { id: newId("lifecycle"), beacon: beacon.id, change, actor: user.email };
        return c.json(await lifecycle.request(order), 202);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/lifecycle",
        tags: ["lifecycle"],
        summary: "Changes of all beacons, or of one",
        middleware: guards.operator,
        request: { query: JobQuery },
        responses: { 200: json(z.object({ jobs: z.array(LifecycleJobView) }), "Newest first") },
      }),
      async (c) => c.json({ jobs: await lifecycle.jobs(c.req.valid("query").beacon) }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/lifecycle/{job}",
        tags: ["lifecycle"],
        summary: "One change of a beacon",
        middleware: guards.operator,
        request: { params: JobParams },
        responses: { 200: json(LifecycleJobView, "The job") },
      }),
      async (c) => {
        const { job: id } = c.req.valid("param");
        const job = await lifecycle.job(id);
        if (job === undefined) throw new Problem("not_found", `there is no job ${id}`);
        return c.json(job, 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/lifecycle/{job}/retry",
        tags: ["lifecycle"],
        summary: "Try again from the step in which it failed",
        middleware: guards.operator,
        request: { params: JobParams },
        responses: { 202: json(LifecycleJobView, "The job") },
      }),
      async (c) => c.json(await lifecycle.retry(c.req.valid("param").job, c.var.user.email), 202),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/lifecycle/{job}/cancel",
        tags: ["lifecycle"],
        summary: "Call a change off while that is possible, and take back what it did",
        middleware: guards.operator,
        request: { params: JobParams },
        responses: { 202: json(LifecycleJobView, "The job") },
      }),
      async (c) => c.json(await lifecycle.cancel(c.req.valid("param").job, c.var.user.email), 202),
    );

/** @throws {Problem} `invalid_input` */
function confirmed(request: LifecycleRequest, name: string): LifecycleChange {
  if (!("confirm" in request)) return request;
  const { confirm, ...change } = request;
  assertConfirmed(confirm, name);
  return change;
}
