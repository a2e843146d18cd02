import { createCipheriv, createDecipheriv } from "node:crypto";

/** Texts that are kept beside a key that is not: in a database, of which a copy alone reveals nothing. */
export interface Sealing {
  /** @param name What it is; part of what is authenticated, so that sealed texts cannot be swapped. */
  seal(text: string, name: string): Uint8Array;
  /** @throws what `lost` makes of it, when it was sealed with another key or under another name */
  open(sealed: Uint8Array, name: string): string;
}

export interface SealingOptions {
  /** `SEALING_KEY_BYTES` random bytes. */
  readonly key: Uint8Array;
  readonly randomBytes: (size: number) => Uint8Array;
  /** The problem with a text that cannot be opened. */
  readonly lost: (cause: unknown) => Error;
}

export const SEALING_KEY_BYTES = 32;

const CIPHER = "aes-256-gcm";
/** NIST SP 800-38D section 8.2: 96 bits is the length that GCM is meant for. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export const createSealing = ({ key, randomBytes, lost }: SealingOptions): Sealing => ({
  seal: (text, name) => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(name));
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  },
  open: (sealed, name) => {
    try {
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, key, nonce).setAAD(Buffer.from(name));
      decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString("utf8");
    } catch (cause) {
      throw lost(cause);
    }
  },
});
