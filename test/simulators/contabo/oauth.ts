import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { SimulatedClock } from "../clock.ts";

interface ContaboAccount {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiUser: string;
  readonly apiPassword: string;
}

/** As Keycloak's realm of the vendor has it. */
const TOKEN_SECONDS = 300;

const Grant = z.object({
  grant_type: z.literal("password"),
  client_id: z.string(),
  client_secret: z.string(),
  username: z.string(),
  password: z.string(),
});

/** The password grant, https://datatracker.ietf.org/doc/html/rfc6749#section-4.3, answered as Keycloak does. */
export function contaboTokens(account: ContaboAccount, clock: SimulatedClock) {
  const issued = new Map<string, { expiresAt: number }>();
  let granted = 0;
  return {
    issued,
    granted: () => granted,
    grant: (form: unknown) => {
      const asked = Grant.safeParse(form);
      if (!asked.success)
        return {
          status: 400,
          body: { error: "invalid_request", error_description: "Missing form parameter" },
        } as const;
      const { client_id, client_secret, username, password } = asked.data;
      if (client_id !== account.clientId || client_secret !== account.clientSecret)
        return {
          status: 401,
          body: { error: "unauthorized_client", error_description: "Invalid client secret" },
        } as const;
      if (username !== account.apiUser || password !== account.apiPassword)
        return {
          status: 401,
          body: { error: "invalid_grant", error_description: "Invalid user credentials" },
        } as const;
      granted += 1;
      const token = `eyJ.${randomUUID()}`;
      issued.set(token, { expiresAt: clock.now() + TOKEN_SECONDS * 1000 });
      const body = { access_token: token, expires_in: TOKEN_SECONDS, token_type: "Bearer", scope: "email profile" };
      return { status: 200, body } as const;
    },
    isGood: (authorization: string | undefined) => {
      const token = issued.get(authorization?.replace(/^Bearer /, "") ?? "");
      return token !== undefined && clock.now() < token.expiresAt;
    },
  };
}
