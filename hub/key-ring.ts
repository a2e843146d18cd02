import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { z } from "zod";
import { Problem, parseOr } from "#shared/problem.ts";
import { rawPublicKey, sign } from "#shared/protocol/signing.ts";
import { type KeysStatement, SignedStatement } from "#shared/protocol/statement.ts";
import { readOrMake, writePrivateFile } from "./private-files.ts";

/** An Ed25519 key pair with the id under which others know it. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  /** Raw public key in base64url (RFC 8037 `x`). */
  readonly publicKey: string;
}

/** How the keys after the first one came to be: each named by the one before it. */
export interface Succession {
  /** Id of the key that was added. */
  readonly key: string;
  /** A `KeysStatement`. */
  readonly statement: SignedStatement;
}

/** Keys of one use, of which one signs. Those before it are known for a while longer. */
export interface KeyRing {
  active(): SigningKey;
  /** All that count, also one that was prepared. */
  keys(): SigningKey[];
  /** Oldest first, and for ever: who knows any key of the past learns the present one. */
  successions(): Succession[];
  /** Adds a key that does not sign yet, unless there is one. */
  prepare(): void;
  /** The newest key signs from now on. */
  activate(): void;
}

export interface KeyRingOptions {
  readonly file: string;
  /** Begins the ids of its keys. */
  readonly use: string;
  /** How long a key still counts after another was added, in milliseconds. */
  readonly overlapMs: number;
  readonly now: () => number;
}

const Key = z.strictObject({
  id: z.string().min(1).max(128),
  privateKey: z.string(),
  /** When it counts no more. */
  retireAt: z.number().exactOptional(),
});
const Content = z.strictObject({
  active: z.string(),
  /** Oldest first. */
  keys: z.array(Key).min(1),
  successions: z.array(z.strictObject({ key: z.string(), statement: SignedStatement })),
});
type Content = z.output<typeof Content>;

/** A file of the first hubs holds one key. */
const File = z.union([Content, Key.transform((key): Content => ({ active: key.id, keys: [key], successions: [] }))]);

/**
 * Opens the file of a ring, which is made with its first key when it is not there. A key that was prepared and not
 * activated before this process began is activated: the one before it would retire otherwise with none to follow.
 * @throws {Problem} `invalid_input` for a file that holds no such keys
 */
export function openKeyRing({ file, use, overlapMs, now }: KeyRingOptions): KeyRing {
  const first = () => {
    const key = makeKey(use);
    return JSON.stringify({ active: key.id, keys: [key], successions: [] } satisfies Content);
  };
  let content = read(file, readOrMake(file, first));
  // To read a key takes longer than to sign with it.
  let opened = content.keys.map(signingKey);

  const put = (changed: Content) => {
    const keys = changed.keys.filter(
      ({ id, retireAt }) => id === changed.active || (retireAt ?? Number.POSITIVE_INFINITY) > now(),
    );
    content = { ...changed, keys };
    opened = keys.map(signingKey);
    writePrivateFile(file, JSON.stringify(content));
  };
  const newest = () => content.keys.at(-1) ?? missing(file);
  const active = () => opened.find(({ id }) => id === content.active) ?? missing(file);

  const ring: KeyRing = {
    active,
    keys: () => opened.filter((_key, place) => (content.keys[place]?.retireAt ?? Number.POSITIVE_INFINITY) > now()),
    successions: () => [...content.successions],
    prepare: () => {
      if (newest().id !== content.active) return;
      const from = active();
      const added = makeKey(use);
      const { id, publicKey } = signingKey(added);
      const retireAt = now() + overlapMs;
      const said: KeysStatement = { from: from.id, key: { id, publicKey }, at: now(), retireAt };
      put({
        active: from.id,
        keys: [...content.keys.map((key) => ({ ...key, retireAt: key.retireAt ?? retireAt })), added],
        successions: [...content.successions, { key: id, statement: sign("keys", said, from.privateKey, from.id) }],
      });
    },
    activate: () => {
      if (newest().id !== content.active) put({ ...content, active: newest().id });
    },
  };
  ring.activate();
  return ring;
}

const makeKey = (use: string) => ({
  id: `${use}_${randomUUID()}`,
  privateKey: generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
});

function signingKey({ id, privateKey: pem }: z.output<typeof Key>): SigningKey {
  const privateKey = createPrivateKey(pem);
  return { id, privateKey, publicKey: rawPublicKey(privateKey) };
}

function read(file: string, text: string): Content {
  try {
    const content = parseOr(File, JSON.parse(text), file);
    content.keys.forEach(signingKey);
    return content;
  } catch (cause) {
    throw new Problem("invalid_input", `${file} does not hold a key of the hub`, {
      hint: "Put it back from a backup. A new key would make every enrolled agent refuse this hub.",
      cause,
    });
  }
}

function missing(file: string): never {
  throw new Problem("internal", `${file} does not hold the key that signs`);
}
