import { randomUUID } from "node:crypto";
import type { Context } from "hono";

export const fail = (c: Context, status: 401 | 404 | 409, message: string) =>
  c.json({ message, correlation_id: randomUUID() }, status);

/** @param errors What is wrong, by field */
export const invalid = (c: Context, errors: Record<string, string[]>) =>
  c.json({ message: "The given data was invalid.", errors, correlation_id: randomUUID() }, 422);
