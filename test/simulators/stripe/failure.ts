import { z } from "zod";

export interface StripeError {
  readonly type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
}

/** An answer of Stripe that says no: https://docs.stripe.com/api/errors */
export class StripeFailure extends Error {
  override readonly name = "StripeFailure";
  readonly status: 400 | 401 | 402 | 404 | 409;
  readonly error: StripeError;

  constructor(status: StripeFailure["status"], error: StripeError) {
    super(error.message);
    this.status = status;
    this.error = error;
  }
}

export const missing = (kind: string, id: string) =>
  new StripeFailure(404, {
    type: "invalid_request_error",
    code: "resource_missing",
    message: `No such ${kind}: '${id}'`,
    param: "id",
  });

export const invalid = (message: string, code?: string) =>
  new StripeFailure(400, { type: "invalid_request_error", message, ...(code === undefined ? {} : { code }) });

export const declined = () =>
  new StripeFailure(402, {
    type: "card_error",
    code: "card_declined",
    decline_code: "generic_decline",
    message: "Your card was declined.",
  });

/** @throws {StripeFailure} for what Stripe takes, and this simulator does not do */
export function paramsOf<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalid(`the simulator does not do this: ${z.prettifyError(parsed.error)}`);
}
