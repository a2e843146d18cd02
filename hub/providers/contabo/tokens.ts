import { z } from "zod";
import { createVendorHttp, type VendorHttpOptions, type Verdict } from "../../vendor-http.ts";

export interface ContaboCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiUser: string;
  readonly apiPassword: string;
}

/** Before this long to its end a token is not used any more: it could die on the way. */
const MARGIN_MS = 30_000;

const Token = z.object({ access_token: z.string().min(1), expires_in: z.number() });
const Refusal = z.object({ error: z.string(), error_description: z.string().optional() });

/** https://datatracker.ietf.org/doc/html/rfc6749#section-5.2: Keycloak answers some of them with 400. */
const aboutCredentials = ["invalid_grant", "invalid_client", "unauthorized_client"];

function judge({ body }: { body: unknown }): Verdict {
  const { data } = Refusal.safeParse(body);
  if (data === undefined) return {};
  const code = aboutCredentials.includes(data.error) ? "provider_credentials" : undefined;
  return { code, reason: data.error_description ?? data.error, vendorCode: data.error };
}

/** Where tokens come from, at the host of `options.endpoint`. Credentials go in the body, which nobody logs. */
export function contaboTokens(
  { clientId, clientSecret, apiUser, apiPassword }: ContaboCredentials,
  options: Omit<VendorHttpOptions, "headers" | "judge">,
) {
  const http = createVendorHttp({ ...options, headers: () => ({}), judge });
  const form = new URLSearchParams({
    grant_type: "password",
    client_id: clientId,
    client_secret: clientSecret,
    username: apiUser,
    password: apiPassword,
  });
  let current: { readonly token: Promise<string>; goodUntil: number } | undefined;

  const fetchToken = async (): Promise<string> => {
    const { access_token, expires_in } = await http.ask(Token, {
      method: "POST",
      path: "/auth/realms/contabo/protocol/openid-connect/token",
      body: form.toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
      // To have two of them harms nobody.
      repeatable: true,
    });
    if (current !== undefined) current.goodUntil = options.now() + expires_in * 1000 - MARGIN_MS;
    return access_token;
  };

  return {
    /** One that is good, asked for once by however many. */
    token: (): Promise<string> => {
      if (current === undefined || options.now() >= current.goodUntil) {
        const token = fetchToken();
        current = { token, goodUntil: Number.POSITIVE_INFINITY };
        token.catch(() => {
          current = undefined;
        });
      }
      return current.token;
    },
    /** It was taken back before its time. */
    forget: () => {
      current = undefined;
    },
  };
}
