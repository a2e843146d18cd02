import Stripe from "stripe";
import { z } from "zod";

type Client = InstanceType<typeof Stripe.HttpClient>;
type Answer = Awaited<ReturnType<Client["makeRequest"]>>;

/** Every object has `object`, every refusal `error`: https://docs.stripe.com/api/errors */
const Done = z.looseObject({ object: z.string() });
const Refused = z.looseObject({ error: z.unknown() });

/**
 * How Stripe is reached. Its library looks for `error` in an answer and never at the status, so that whatever somebody on the way says in
 * Stripe's place (a proxy, what shares out the load) would be a refund that was made, or a list of nothing. What has not Stripe's form is
 * no answer of Stripe's here: a connection that failed.
 */
export function stripeHttp(): Client {
  const client: Client = Stripe.createNodeHttpClient();
  return {
    getClientName: () => client.getClientName(),
    makeRequest: async (...request) => heldToItsForm(await client.makeRequest(...request)),
  };
}

const heldToItsForm = (response: Answer): Answer => {
  const form = response.getStatusCode() < 400 ? Done : Refused;
  return {
    getStatusCode: () => response.getStatusCode(),
    getHeaders: () => response.getHeaders(),
    getRawResponse: () => response.getRawResponse(),
    toStream: (onEnd) => response.toStream(onEnd),
    toJSON: async () => {
      try {
        const answer: unknown = await response.toJSON();
        form.parse(answer);
        return answer;
      } catch (error) {
        throw Stripe.HttpClient.makeResponseBodyError(error);
      }
    },
  };
};
