import { createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import { Problem, parseOr } from "#shared/problem.ts";
import { askHttp } from "../http.ts";
import type { Log } from "../log.ts";
import type { Settings } from "../store/settings.ts";

const SETTING = "jwks";
const FRESH_MS = 3_600_000;
const RETRY_MS = 60_000;
const ANSWER_WITHIN_MS = 10_000;
const LARGEST_BYTES = 64 * 1024;

/** Ed25519 keys of a JWK set (RFC 7517, RFC 8037); others are not for us. */
const Key = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), kid: z.string(), x: z.string() });
type Key = z.output<typeof Key>;
const KeySet = z.object({ keys: z.array(z.unknown()) });
const Stored = z.object({ fetchedAt: z.number(), keys: z.array(Key) });

/** The keys with which the hub signs people's tokens, kept in the store so that they work while the hub is away. */
export interface HubKeys {
  /** Asks the hub for a key that is not known, at most once a minute. */
  readonly find: (id: string) => Promise<KeyObject | undefined>;
  /** Asks the hub now. What goes wrong is logged; the known keys stay. */
  readonly refresh: () => Promise<void>;
  /** From now on no token opens this beacon, and the hub is not asked. */
  readonly forget: () => void;
}

export interface HubKeysOptions {
  /** Origin of the hub. */
  readonly hub: string;
  readonly settings: Settings;
  readonly now: () => number;
  readonly log: Log;
}

export function createHubKeys({ hub, settings, now, log }: HubKeysOptions): HubKeys {
  let stored = settings.get(SETTING, Stored);
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  let isForgotten = false;

  const ask = async () => {
    askedAt = now();
    try {
      const keys = await fetchKeys(hub);
      if (isForgotten) return;
      stored = { fetchedAt: now(), keys };
      settings.put(SETTING, stored);
    } catch (thrown) {
      const problem = Problem.wrap(thrown);
      log.warn({ problem, cause: problem.cause }, "the hub's keys could not be asked for");
    } finally {
      asking = undefined;
    }
  };
  const refresh = () => {
    asking ??= ask();
    return asking;
  };
  const mayAsk = () => !isForgotten && (asking !== undefined || Math.abs(now() - askedAt) >= RETRY_MS);
  const known = (id: string) => stored?.keys.find(({ kid }) => kid === id);

  return {
    refresh,
    forget: () => {
      isForgotten = true;
      stored = undefined;
      settings.remove(SETTING);
    },
    find: async (id) => {
      if (known(id) === undefined && mayAsk()) await refresh();
      // A key that the hub has withdrawn must not work for longer than this while the hub is there.
      else if (now() - (stored?.fetchedAt ?? 0) > FRESH_MS && mayAsk()) void refresh();
      const key = known(id);
      return key === undefined ? undefined : createPublicKey({ key, format: "jwk" });
    },
  };
}

async function fetchKeys(hub: string): Promise<Key[]> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const url = new URL("/.well-known/jwks.json", hub);
  const { status, text } = await askHttp(url, { signal, largestBytes: LARGEST_BYTES }).catch((cause: unknown) => {
    throw new Problem("unavailable", `the hub ${hub} cannot be reached`, { cause });
  });
  if (status !== 200) throw new Problem("unavailable", `the hub answered with status ${status}`);
  const { keys } = parseOr(KeySet, parseJson(text), "the hub's keys", "unavailable");
  return keys.flatMap((key) => {
    const parsed = Key.safeParse(key);
    return parsed.success ? [parsed.data] : [];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
