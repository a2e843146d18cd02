import { z } from "zod";
import { Problem, parseOr } from "#shared/problem.ts";
import { verify } from "#shared/protocol/signing.ts";
import { KeysStatement, type SignedStatement } from "#shared/protocol/statement.ts";
import type { Settings } from "../store/settings.ts";

const SETTING = "command-keys";
const Known = z.array(z.object({ id: z.string(), publicKey: z.string(), retireAt: z.number().exactOptional() }));

/** The hub's keys that this beacon obeys. It learns each from the one before, beginning with those of its enrolment. */
export interface CommandKeys {
  /** Raw public keys by id: all that count now. */
  current(): Readonly<Record<string, string>>;
  /**
   * Takes keys over that follow others, on disk when it returns; those that are known already change nothing.
   * @throws {Problem} `signature_invalid` when one is named by nobody who counts
   */
  learn(statements: readonly SignedStatement[]): void;
  /** From now on nobody is obeyed. */
  forget(): void;
}

export interface CommandKeysOptions {
  readonly settings: Settings;
  /** Those of the enrolment. */
  readonly enrolled: Readonly<Record<string, string>>;
  /** The hub's clock as far as it is known. */
  readonly now: () => number;
}

export function createCommandKeys({ settings, enrolled, now }: CommandKeysOptions): CommandKeys {
  let known: z.output<typeof Known> =
    settings.get(SETTING, Known) ?? Object.entries(enrolled).map(([id, publicKey]) => ({ id, publicKey }));

  const current = () =>
    Object.fromEntries(
      known
        .filter(({ retireAt }) => retireAt === undefined || retireAt > now())
        .map(({ id, publicKey }) => [id, publicKey]),
    );

  const learnOne = (signed: SignedStatement) => {
    const said = readKeys(signed.payload);
    if (known.some(({ id }) => id === said.key.id)) return;
    verify("keys", signed, current());
    if (said.from !== signed.key) throw new Problem("signature_invalid", "a key is named by another than it says");
    known = [...known.map((key) => ({ ...key, retireAt: key.retireAt ?? said.retireAt })), said.key];
    settings.put(SETTING, known);
  };

  return {
    current,
    learn: (statements) => {
      for (const signed of statements) learnOne(signed);
    },
    forget: () => {
      known = [];
      settings.put(SETTING, known);
    },
  };
}

/** The keys of an earlier enrolment count no more. */
export const forgetCommandKeys = (settings: Settings): void => settings.remove(SETTING);

function readKeys(payload: string): KeysStatement {
  const parse = (): unknown => {
    try {
      return JSON.parse(payload);
    } catch (cause) {
      throw new Problem("invalid_frame", "a statement on the hub's keys is not JSON", { cause });
    }
  };
  return parseOr(KeysStatement, parse(), "a statement on the hub's keys", "invalid_frame");
}
