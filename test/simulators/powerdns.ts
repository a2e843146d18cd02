import { Hono } from "hono";
import { z } from "zod";
import { type Description, openContract } from "./contract.ts";
import { type Fault, type Simulator, startSimulator } from "./simulator.ts";

/** PowerDNS itself, at `target`, behind something that checks what is said against its description, and fails when it is told to. */
export const startCheckedPdns = (target: string): Promise<Simulator> =>
  startSimulator({
    contract: openContract("powerdns", describeUnauthorized),
    basePath: "/api/v1",
    // Some of its refusals are plain text.
    app: new Hono().all("*", async (c) => {
      const { pathname, search } = new URL(c.req.url);
      const body = await c.req.text();
      const answer = await fetch(`${target}${pathname}${search}`, {
        method: c.req.method,
        headers: c.req.raw.headers,
        ...(body === "" ? {} : { body }),
      });
      const text = answer.status === 204 ? null : await answer.text();
      return new Response(text, {
        status: answer.status,
        headers: { "content-type": answer.headers.get("content-type") ?? "" },
      });
    }),
  });

/** As a proxy in front of it says it. */
export const pdnsTooOften: Fault = {
  kind: "answer",
  status: 429,
  headers: { "retry-after": "1" },
  body: "Too Many Requests",
};

/** What every operation answers to a wrong key is not described with any of them. */
function describeUnauthorized({ paths }: Description) {
  const Responses = z.object({ responses: z.record(z.string(), z.unknown()) });
  for (const operation of Object.values(paths).flatMap((item) => Object.values(item))) {
    const { success, data } = Responses.safeParse(operation);
    if (success)
      Object.assign(operation ?? {}, {
        responses: { ...data.responses, 401: { description: "no such key", content: { "application/json": {} } } },
      });
  }
}
