import { randomBytes } from "node:crypto";
import { z } from "zod";
import { Me, signInAgainPath } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { AUTH_PATH, type Auth, hashOfToken } from "./auth.ts";

/** A welcome mail may lie in a mailbox over a weekend. */
const INVITATION_MS = 7 * 86_400_000;

/** People the hub knows. Accounts are made by the hub, never by signing up. */
export interface Accounts {
  /** Whether an operator exists, so that set-up is over. */
  hasOperator(): Promise<boolean>;
  /** @throws {Problem} `conflict` when there is an operator already. */
  createOperator(account: { readonly email: string; readonly name: string; readonly password: string }): Promise<Me>;
  /** Whether an account can sign in without a link. */
  hasPassword(user: string): Promise<boolean>;
  /** For an account that came by a link. @throws {Problem} `conflict` when it has a password */
  setFirstPassword(user: string, password: string): Promise<void>;
  /** The account of that address, made when there is none. */
  ensureOwner(email: string): Promise<Me>;
  /**
   * A one-time link that signs its reader in, good for seven days: for the welcome mail. One that is used up leads to
   * the sign-in page, with the address filled in.
   */
  invitation(email: string): Promise<string>;
  /** Addresses of all operators. */
  operators(): Promise<string[]>;
  /** Everybody who has an account, by address. */
  list(): Promise<Me[]>;
  /** @throws {Problem} `not_found` */
  byEmail(email: string): Promise<Me>;
  /** Ends a person's sessions at this hub. */
  endSessions(user: string): Promise<void>;
  /** @returns the id it had @throws {Problem} `not_found`, `conflict` for the operator's */
  remove(email: string): Promise<string>;
  /** Who a request's session cookie belongs to. */
  signedIn(headers: Headers): Promise<Me | undefined>;
}

export function createAccounts(auth: Auth, origin: string, now: () => number): Accounts {
  const ensureUser = async (address: string, name: string): Promise<Me> => {
    const email = address.toLowerCase();
    const { internalAdapter } = await auth.$context;
    const known = await internalAdapter.findUserByEmail(email);
    const user =
      known?.user ?? (await internalAdapter.createUser({ email, name, role: "owner" }, { method: "email-password" }));
    return Me.parse(user);
  };

  const hasPassword = async (user: string) => {
    const accounts = await (await auth.$context).internalAdapter.findAccounts(user);
    return accounts.some(({ providerId }) => providerId === "credential");
  };

  const putPassword = async (user: string, password: string) => {
    const { internalAdapter, password: passwords } = await auth.$context;
    const hash = await passwords.hash(password);
    if (await hasPassword(user)) await internalAdapter.updatePassword(user, hash);
    else await internalAdapter.linkAccount({ userId: user, accountId: user, providerId: "credential", password: hash });
  };

  const hasOperator = async () => {
    const { adapter } = await auth.$context;
    return (await adapter.count({ model: "user", where: [{ field: "role", value: "operator" }] })) > 0;
  };

  const byEmail = async (email: string): Promise<Me> => {
    const known = await (await auth.$context).internalAdapter.findUserByEmail(email.toLowerCase());
    if (known === null) throw new Problem("not_found", `there is no account of ${email}`);
    return Me.parse(known.user);
  };

  return {
    hasOperator,
    hasPassword,
    byEmail,

    operators: async () => {
      const { adapter } = await auth.$context;
      const where = [{ field: "role", value: "operator" }];
      return z
        .array(Me)
        .parse(await adapter.findMany({ model: "user", where }))
        .map(({ email }) => email);
    },

    list: async () => {
      const { adapter } = await auth.$context;
      // Without a limit it gives a hundred.
      const limit = await adapter.count({ model: "user" });
      const users = await adapter.findMany({ model: "user", limit, sortBy: { field: "email", direction: "asc" } });
      return z.array(Me).parse(users);
    },

    /** The role comes last: a hub that is killed before it still waits for its set-up. */
    createOperator: async ({ email, name, password }) => {
      if (await hasOperator()) throw new Problem("conflict", "this hub has its operator already");
      const { id } = await ensureUser(email, name);
      await putPassword(id, password);
      const { internalAdapter } = await auth.$context;
      return Me.parse(await internalAdapter.updateUser(id, { name, role: "operator", emailVerified: true }));
    },

    setFirstPassword: async (user, password) => {
      if (await hasPassword(user)) {
        throw new Problem("conflict", "this account has a password already", {
          hint: "Ask for a link to set a new one.",
        });
      }
      await putPassword(user, password);
    },

    ensureOwner: (email) => ensureUser(email, email.split("@")[0] ?? email),

    invitation: async (address) => {
      const email = address.toLowerCase();
      const token = randomBytes(32).toString("base64url");
      const { internalAdapter } = await auth.$context;
      await internalAdapter.createVerificationValue({
        identifier: await hashOfToken(token),
        value: JSON.stringify({ email }),
        expiresAt: new Date(now() + INVITATION_MS),
      });
      const link = new URL(`${AUTH_PATH}/magic-link/verify`, origin);
      link.searchParams.set("token", token);
      link.searchParams.set("callbackURL", "/");
      link.searchParams.set("errorCallbackURL", signInAgainPath(email));
      return link.href;
    },

    endSessions: async (user) => {
      await (await auth.$context).internalAdapter.deleteUserSessions(user);
    },

    remove: async (email) => {
      const { internalAdapter } = await auth.$context;
      const user = await byEmail(email);
      if (user.role === "operator") throw new Problem("conflict", "the operator's own account stays");
      await internalAdapter.deleteUserSessions(user.id);
      await internalAdapter.deleteUser(user.id);
      return user.id;
    },

    signedIn: async (headers) => {
      const session = await auth.api.getSession({ headers });
      return session === null ? undefined : Me.parse(session.user);
    },
  };
}
