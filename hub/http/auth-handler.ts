import type { Handler } from "hono";
import { z } from "zod";
import { Problem, type ProblemCode } from "#shared/problem.ts";
import { type Auth, CLIENT_ADDRESS_HEADER } from "../auth/auth.ts";
import type { Audit } from "../store/audit.ts";
import { clientAddress } from "./client-address.ts";
import type { HubEnv } from "./env.ts";

const Refusal = z.object({ message: z.string().optional(), code: z.string().optional() });

const codes: Readonly<Record<number, ProblemCode>> = {
  401: "not_signed_in",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  429: "too_many_requests",
};

/** Hands requests under `/api/auth` to better-auth; what it refuses is told as all problems are. */
export const createAuthHandler =
  (auth: Auth, audit: Audit, trustedProxies: readonly string[]): Handler<HubEnv> =>
  async (c) => {
    const address = clientAddress(c, trustedProxies);
    const headers = new Headers(c.req.raw.headers);
    headers.set(CLIENT_ADDRESS_HEADER, address);
    const response = await auth.handler(new Request(c.req.raw, { headers }));
    if (response.status < 400) return response;
    if (c.req.path.includes("/sign-in/")) {
      const details = { address, status: response.status };
      await audit.write({ actor: "unknown", action: "session.refuse", subject: c.req.path, details });
    }
    throw await problemOf(response);
  };

async function problemOf(response: Response): Promise<Problem> {
  const parsed = Refusal.safeParse(await response.json().catch(() => ({})));
  const { message, code } = parsed.success ? parsed.data : {};
  const known = codes[response.status] ?? (response.status < 500 ? "invalid_input" : "internal");
  return new Problem(known, message ?? "the request was refused", {
    ...(code === undefined ? {} : { details: { reason: code } }),
  });
}
