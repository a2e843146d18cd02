import Stripe from "stripe";
import { Problem } from "#shared/problem.ts";
import { stripeHttp } from "./stripe-http.ts";

/** Stripe's own library. Types only may be taken of it elsewhere. */
export type StripeApi = Stripe;

export interface StripeAccount {
  /**
   * Asks Stripe something. A POST that is not answered is repeated under the same idempotency key by the library itself.
   * @throws {Problem} `payment_declined`, `billing_unavailable` when trying again may help, `billing_refused` when not; with Stripe's own
   *   code in `details.code`
   */
  ask<Answer>(question: (api: StripeApi) => Promise<Answer>): Promise<Answer>;
  /**
   * Has Stripe make what may be made twice without harm. Stripe answers the same for a day to whoever asks again under the same key, also
   * when that was a failure of its own (https://docs.stripe.com/api/idempotent_requests): after one it is asked under another key.
   * @throws {Problem} as `ask`
   */
  make<Answer>(
    key: string,
    request: (api: StripeApi, options: { readonly idempotencyKey: string }) => Promise<Answer>,
  ): Promise<Answer>;
  /**
   * The event in the body of a webhook, once it is known to be Stripe's and new.
   * @param at When it came, in milliseconds since the epoch.
   * @throws {Problem} `signature_invalid`
   */
  readEvent(body: string, signature: string | undefined, at: number): unknown;
}

export interface StripeSettings {
  readonly secretKey: string;
  /** Each counts: the new one and the former while one is replaced by the other. */
  readonly webhookSecrets: readonly string[];
  /** Origin of the API, where it is not Stripe's own. */
  readonly endpoint?: string | undefined;
}

const TIMEOUT_MS = 20_000;
const RETRIES = 2;

/** A Stripe account. The version of its API is the library's: https://docs.stripe.com/sdks/set-version */
export function openStripe({ secretKey, webhookSecrets, endpoint }: StripeSettings): StripeAccount {
  const api = new Stripe(secretKey, {
    telemetry: false,
    timeout: TIMEOUT_MS,
    maxNetworkRetries: RETRIES,
    httpClient: stripeHttp(),
    ...(endpoint === undefined ? {} : addressOf(new URL(endpoint))),
  });
  /** How often Stripe failed under a key; after a new start it fails once more. */
  const failures = new Map<string, number>();
  const ask: StripeAccount["ask"] = async (question) => {
    try {
      return await question(api);
    } catch (error) {
      throw problemOf(error);
    }
  };
  return {
    ask,
    make: (key, request) =>
      ask(async (stripe) => {
        const failed = failures.get(key) ?? 0;
        try {
          return await request(stripe, { idempotencyKey: failed === 0 ? key : `${key}:${failed}` });
        } catch (error) {
          if (error instanceof Stripe.errors.StripeAPIError && (error.statusCode ?? 0) >= 500) {
            failures.set(key, failed + 1);
          }
          throw error;
        }
      }),
    readEvent: (body, signature, at) => {
      for (const secret of webhookSecrets) {
        try {
          return api.webhooks.constructEvent(body, signature ?? "", secret, undefined, undefined, at);
        } catch (error) {
          if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
        }
      }
      throw new Problem("signature_invalid", "this is not signed by Stripe, or was signed too long ago", {
        hint: "The secrets of the webhook's endpoint stand in the file billing.stripe.webhookSecretsFile.",
      });
    },
  };
}

const addressOf = ({ hostname, port, protocol }: URL) => ({
  host: hostname,
  ...(port === "" ? {} : { port }),
  protocol: protocol === "http:" ? ("http" as const) : ("https" as const),
});

/** https://docs.stripe.com/error-handling; what Stripe says of a request holds nothing secret. */
function problemOf(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { code, param, requestId, statusCode = 0 } = error;
  const details = { code, param, requestId, status: statusCode };
  if (error instanceof Stripe.errors.StripeCardError) {
    return new Problem("payment_declined", error.message, { details, hint: "Try another card." });
  }
  if (
    error instanceof Stripe.errors.StripeAuthenticationError ||
    error instanceof Stripe.errors.StripePermissionError
  ) {
    const hint = "The secret key stands in the file billing.stripe.secretKeyFile.";
    return new Problem("billing_refused", "Stripe does not take the hub's key for this", { details, hint });
  }
  const isPassing =
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeRateLimitError ||
    statusCode === 409 ||
    statusCode >= 500;
  if (isPassing) return new Problem("billing_unavailable", `Stripe does not answer: ${error.message}`, { details });
  return new Problem("billing_refused", `Stripe refused: ${error.message}`, { details });
}

/** Whether Stripe said no with this code of its own: https://docs.stripe.com/error-codes */
export const hasStripeCode = (error: unknown, code: string): boolean =>
  error instanceof Problem && error.details?.code === code;
