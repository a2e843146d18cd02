import { createHash } from "node:crypto";
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { isAPIError } from "better-auth/api";
import { getMigrations } from "better-auth/db/migration";
import { magicLink } from "better-auth/plugins/magic-link";
import type { Logger } from "pino";
import type { NewId } from "../id.ts";
import type { MailQueue } from "../mail/mail-queue.ts";
import type { Words } from "../mail/templates/letter.ts";
import { magicLinkMail } from "../mail/templates/magic-link.ts";
import { passwordMail } from "../mail/templates/password.ts";
import type { Audit } from "../store/audit.ts";
import type { Database } from "../store/database.ts";
import type { RateLimit } from "./rate-limit.ts";

export const AUTH_PATH = "/api/auth";
export const MIN_PASSWORD_LENGTH = 10;
const MAGIC_LINK_MINUTES = 15;
const RESET_MINUTES = 60;

/** Set by the hub itself on requests it hands to better-auth, so that nobody else says who asks. */
export const CLIENT_ADDRESS_HEADER = "x-wopr-client-address";

export interface AuthParts {
  readonly db: Database;
  readonly mail: Pick<MailQueue, "send">;
  readonly audit: Audit;
  readonly rateLimit: RateLimit;
  /** A person has a new password: whatever was given to them before is to open nothing. */
  readonly onPasswordReset: (user: string) => Promise<void>;
  /** Origin of the hub. */
  readonly origin: string;
  readonly secret: string;
  readonly newId: NewId;
  readonly log: Logger;
}

/** Tokens are looked up by their hash, so that the database holds none that opens a door. */
export const hashOfToken = async (token: string) => createHash("sha256").update(token).digest("base64url");

/**
 * Accounts and sessions by better-auth (https://www.better-auth.com/docs), on the hub's own database. Nobody signs up:
 * the hub makes the accounts. A link is sent only to addresses that have one, and the answer is the same for all.
 * Brings the accounts' tables to what this version of better-auth wants.
 */
export async function openAuth({ db, mail, audit, rateLimit, origin, secret, newId, onPasswordReset, log }: AuthParts) {
  const sendIfKnown = async (email: string, words: Words): Promise<void> => {
    const user = await (await auth.$context).internalAdapter.findUserByEmail(email.toLowerCase());
    if (user === null) return;
    await mail.send({
      id: newId("mail"),
      recipient: user.user.email,
      ...words,
      attachment: undefined,
    });
  };

  const options = {
    appName: "WOPR",
    baseURL: origin,
    basePath: AUTH_PATH,
    secret,
    database: { db, type: "sqlite" },
    telemetry: { enabled: false },
    onAPIError: { onError: (error) => log[isAPIError(error) ? "debug" : "error"]({ error }, "better-auth refused") },
    logger: { level: "warn", log: (level, message) => log[level](message) },
    trustedOrigins: [origin],
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD_LENGTH,
      resetPasswordTokenExpiresIn: RESET_MINUTES * 60,
      revokeSessionsOnPasswordReset: true,
      onPasswordReset: ({ user }) => onPasswordReset(user.id),
      sendResetPassword: ({ user, url }) => sendIfKnown(user.email, passwordMail({ url, minutes: RESET_MINUTES })),
    },
    user: { additionalFields: { role: { type: "string", input: false, required: true, defaultValue: "owner" } } },
    plugins: [
      magicLink({
        disableSignUp: true,
        expiresIn: MAGIC_LINK_MINUTES * 60,
        storeToken: { type: "custom-hasher", hash: hashOfToken },
        sendMagicLink: ({ email, url }) => sendIfKnown(email, magicLinkMail({ url, minutes: MAGIC_LINK_MINUTES })),
      }),
    ],
    rateLimit: {
      enabled: true,
      window: 60,
      max: 300,
      customRules: { "/sign-in/email": { window: 60, max: 10 }, "/sign-in/magic-link": { window: 60, max: 5 } },
      customStorage: {
        consume: async (key, { window, max }) => {
          const waitMs = rateLimit.take(`auth ${key}`, { windowMs: window * 1000, max });
          return { allowed: waitMs === 0, retryAfter: waitMs === 0 ? null : Math.ceil(waitMs / 1000) };
        },
      },
    },
    advanced: {
      cookiePrefix: "wopr",
      useSecureCookies: origin.startsWith("https:"),
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
      disableOriginCheck: false,
      disableCSRFCheck: false,
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
    databaseHooks: {
      session: {
        create: {
          after: async ({ userId }, context) => {
            const user = await context?.context.internalAdapter.findUserById(userId);
            await audit.write({ actor: user?.email ?? userId, action: "session.create", subject: userId });
          },
        },
      },
    },
  } satisfies BetterAuthOptions;

  // Before better-auth itself looks at the tables, and finds some of them missing.
  await (await getMigrations(options)).runMigrations();
  const auth = betterAuth(options);
  return auth;
}

export type Auth = Awaited<ReturnType<typeof openAuth>>;
