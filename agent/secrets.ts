import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { secretMarks } from "#shared/container-spec.ts";
import { Problem } from "#shared/problem.ts";
import { createSealing, SEALING_KEY_BYTES } from "#shared/sealing.ts";
import { putDurableFile } from "./durable-file.ts";
import type { AgentDatabase } from "./store/database.ts";

/**
 * Secrets of the instances: made here at random, kept sealed, and read only where a container or a database is made.
 * Values are hexadecimal, so that they need no quoting anywhere.
 */
export interface Secrets {
  /** Names by instance. */
  names(): Record<string, string[]>;
  /** Makes a secret of `bytes` random bytes, unless it is there. */
  create(secret: { instance: string; secret: string; bytes: number }): void;
  /** Keeps a secret that somebody else made. */
  put(secret: { instance: string; secret: string; value: string }): void;
  /** Twelve digits that are the same for the same text, and tell nothing of it to whoever lacks the key. */
  fingerprint(text: string): string;
  /** A number from 1 on that no other instance has under this name; made on the first call, and kept like a secret. */
  number(instance: string, name: string): number;
  /** @throws {Problem} `not_found`, or `conflict` when the key file is not the one it was sealed with */
  reveal(instance: string, secret: string): string;
  /** A function that puts the instance's secrets where their marks are. */
  fill(instance: string): (text: string) => string;
  /** A function that takes the instance's secrets out of a text. */
  redact(instance: string): (text: string) => string;
  /** Deletes one secret of the instance, or all of them. */
  remove(instance: string, secret?: string): void;
}

export interface SecretOptions {
  readonly db: AgentDatabase;
  /** The key that seals them; made when absent, readable by its owner alone. */
  readonly keyFile: string;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** What is shorter is a number that anybody may know, and stands in many a text. */
const SHORTEST_SECRET = 8;

const Row = z.object({ instance: z.string(), name: z.string(), sealed: z.instanceof(Uint8Array) });

/** @throws {Problem} `conflict` when there are secrets, but no key file that could open them */
export function createSecrets({ db, keyFile, randomBytes }: SecretOptions): Secrets {
  const select = db.prepare("select instance, name, sealed from secret order by instance, name");
  const insert = db.prepare("insert into secret (instance, name, sealed) values (?, ?, ?) on conflict do nothing");
  const remove = db.prepare("delete from secret where instance = ? and name = coalesce(?, name)");
  const rows = () => select.all().map((row) => Row.parse(row));
  const key = readKey();
  const { seal, open } = createSealing({ key, randomBytes, lost: (cause) => keyLost(keyFile, cause) });

  function readKey(): Uint8Array {
    if (!existsSync(keyFile)) {
      if (rows().length > 0) throw keyLost(keyFile);
      putDurableFile(keyFile, randomBytes(SEALING_KEY_BYTES), 0o600);
    }
    const found = readFileSync(keyFile);
    if (found.length !== SEALING_KEY_BYTES) throw keyLost(keyFile);
    return found;
  }

  function reveal(instance: string, secret: string): string {
    const row = rows().find((known) => known.instance === instance && known.name === secret);
    if (row !== undefined) return open(row.sealed, `${instance}/${secret}`);
    throw new Problem("not_found", `${instance} has no secret ${secret}`);
  }

  return {
    names: () => {
      const names: Record<string, string[]> = {};
      for (const { instance, name } of rows()) names[instance] = [...(names[instance] ?? []), name];
      return names;
    },
    create: ({ instance, secret, bytes }) => {
      const value = Buffer.from(randomBytes(bytes)).toString("hex");
      insert.run(instance, secret, seal(value, `${instance}/${secret}`));
    },
    put: ({ instance, secret, value }) => {
      insert.run(instance, secret, seal(value, `${instance}/${secret}`));
    },
    fingerprint: (text) => createHmac("sha256", key).update("fingerprint\0").update(text).digest("hex").slice(0, 12),
    number: (instance, name) => {
      const numbers = new Map(
        rows()
          .filter((row) => row.name === name)
          .map((row) => [row.instance, Number(open(row.sealed, `${row.instance}/${name}`))]),
      );
      const known = numbers.get(instance);
      if (known !== undefined) return known;
      const taken = new Set(numbers.values());
      let free = 1;
      while (taken.has(free)) free++;
      insert.run(instance, name, seal(String(free), `${instance}/${name}`));
      return free;
    },
    reveal,
    fill: (instance) => (text) => text.replaceAll(secretMarks, (_mark, secret: string) => reveal(instance, secret)),
    redact: (instance) => {
      const values = rows()
        .filter((row) => row.instance === instance)
        .map(({ name, sealed }) => open(sealed, `${instance}/${name}`))
        .filter((value) => value.length >= SHORTEST_SECRET);
      return (text) => values.reduce((left, value) => left.replaceAll(value, "[secret]"), text);
    },
    remove: (instance, secret) => void remove.run(instance, secret ?? null),
  };
}

const keyLost = (keyFile: string, cause?: unknown) =>
  new Problem("conflict", `the secrets of this beacon cannot be opened with ${keyFile}`, {
    hint: "Put the key file back from where it was kept.",
    cause,
  });
