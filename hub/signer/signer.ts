import type { z } from "zod";
import { Problem, parseOr } from "#shared/problem.ts";
import { sign } from "#shared/protocol/signing.ts";
import {
  AlertingStatement,
  CommandStatement,
  ExecStatement,
  type HubStatementKind,
  LeaveStatement,
  PeopleStatement,
  type SignedStatement,
  WelcomeStatement,
} from "#shared/protocol/statement.ts";
import type { KeyRing, Succession } from "../key-ring.ts";

/** What others need to know of the keys that sign: nothing of it is secret. */
export interface PublicKeys {
  /** Id of the one that signs. */
  readonly active: string;
  /** Raw public keys by id: all that count. */
  readonly keys: Readonly<Record<string, string>>;
  readonly successions: readonly Succession[];
}

/** Whoever holds the key that commands beacons. Each method throws `unavailable` when it cannot be reached. */
export interface Signer {
  sign(kind: SignedKind, payload: object): Promise<SignedStatement>;
  keys(): Promise<PublicKeys>;
  /** Adds a key that does not sign yet, unless there is one. */
  prepare(): Promise<PublicKeys>;
  /** The newest key signs from now on. */
  activate(): Promise<PublicKeys>;
}

/** Statements on keys come from the ring alone. */
export type SignedKind = Exclude<HubStatementKind, "keys">;

const schemas: Readonly<Record<SignedKind, z.ZodType<object>>> = {
  command: CommandStatement,
  exec: ExecStatement,
  welcome: WelcomeStatement,
  alerting: AlertingStatement,
  people: PeopleStatement,
  leave: LeaveStatement,
};

export const isSignedKind = (kind: string): kind is SignedKind => Object.hasOwn(schemas, kind);

/** A statement was signed: what is worth keeping of it, never what is in it. */
export interface Signature {
  readonly kind: string;
  readonly key: string;
  readonly payload: object;
}

/** Signs in this process. @param onSigned Called before a signature leaves. */
export function createSigner(ring: KeyRing, onSigned: (signature: Signature) => void = () => undefined): Signer {
  const view = (): PublicKeys => ({
    active: ring.active().id,
    keys: Object.fromEntries(ring.keys().map(({ id, publicKey }) => [id, publicKey])),
    successions: ring.successions(),
  });
  return {
    sign: async (kind, given) => {
      if (!isSignedKind(kind)) throw new Problem("invalid_input", `statements of the kind ${kind} are not signed here`);
      const payload = parseOr(schemas[kind], given, `a statement of the kind ${kind}`);
      const { id, privateKey } = ring.active();
      const statement = sign(kind, payload, privateKey, id);
      onSigned({ kind, key: id, payload });
      return statement;
    },
    keys: async () => view(),
    prepare: async () => {
      ring.prepare();
      return view();
    },
    activate: async () => {
      ring.activate();
      return view();
    },
  };
}
