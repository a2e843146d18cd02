import { z } from "zod";
import { RemoteWriteInput, type RemoteWriteView } from "#shared/api/remote-write.ts";
import { namedSpan } from "#shared/metrics/packed-span.ts";
import { pause } from "#shared/pause.ts";
import { Problem } from "#shared/problem.ts";
import type { Sealing } from "#shared/sealing.ts";
import type { BeaconStore } from "../store/beacons.ts";
import type { RemoteWriteDue, SpanKey } from "../store/remote-write-due.ts";
import type { RollupStore } from "../store/rollups.ts";
import type { SettingStore } from "../store/settings.ts";
import { type Answer, postWriteRequest, type Target } from "./post.ts";
import { seriesOfSpans } from "./series-of-spans.ts";
import { encodeWriteRequest } from "./write-request.ts";

const KEY = "remote-write";
const SEALED_AS = "remote-write secret";
/** Spans of one request: with 165 series each some ten thousand samples. */
const BATCH = 60;
const IDLE_MS = 1_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** However long a store asks for: a timer takes 24 days at most, and somebody may have mistaken milliseconds for seconds. */
const LONGEST_ASKED_FOR_MS = 3_600_000;

const Shown = RemoteWriteInput.omit({ secret: true });
const Stored = Shown.extend({ sealed: z.string().optional() });
type Stored = z.output<typeof Stored>;

export interface RemoteWriteParts {
  readonly due: RemoteWriteDue;
  readonly rollups: Pick<RollupStore, "byKey" | "layouts">;
  readonly beacons: Pick<BeaconStore, "list">;
  readonly settings: SettingStore;
  readonly sealing: Sealing;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** Between looks for something new. */
  readonly idleMs?: number | undefined;
}

/**
 * Writes what beacons report to a Prometheus-compatible store. What is to be written is noted with what is stored, and forgotten once the
 * store has it: killed in between, the same samples are written again under the same moments, which changes nothing there.
 */
export interface RemoteWrite {
  view(): Promise<RemoteWriteView>;
  set(input: RemoteWriteInput, actor: string): Promise<void>;
  remove(actor: string): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  counters(): { readonly sent: number; readonly dropped: number };
}

/**
 * Pure: how long to wait after so many failures in a row, in milliseconds. A store that says when it wants to be asked again is
 * believed within bounds: one that says "at once" each time must not be asked in a tight loop.
 */
export function retryInMs(failures: number, askedForMs: number | undefined): number {
  if (askedForMs !== undefined) return Math.min(LONGEST_ASKED_FOR_MS, Math.max(FIRST_RETRY_MS, askedForMs));
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
}

export function createRemoteWrite(parts: RemoteWriteParts): RemoteWrite {
  const { due, rollups, beacons, settings, sealing, now, onError, idleMs = IDLE_MS } = parts;
  const stopped = new AbortController();
  let target: Target | undefined;
  let woken = Promise.withResolvers<void>();
  let running: Promise<void> = Promise.resolve();
  const record: { sent: number; dropped: number; lastSentAt?: number } = { sent: 0, dropped: 0 };
  let refusal: Problem | undefined;
  let problem: Problem | undefined;

  const stored = async () => {
    const text = await settings.get(KEY);
    return text === undefined ? undefined : Stored.parse(JSON.parse(text));
  };
  const load = async () => {
    const setting = await stored();
    due.isOn = setting !== undefined;
    problem = undefined;
    try {
      target = setting === undefined ? undefined : { url: setting.url, authorization: authorizationOf(setting) };
    } catch (error) {
      // What is measured meanwhile is noted, for when the secret was put in again.
      target = undefined;
      problem = Problem.wrap(error);
    }
    woken.resolve();
  };
  const authorizationOf = ({ authorization, username = "", sealed }: Stored) => {
    if (authorization === "none" || sealed === undefined) return undefined;
    const secret = sealing.open(Buffer.from(sealed, "base64"), SEALED_AS);
    return authorization === "bearer"
      ? `Bearer ${secret}`
      : `Basic ${Buffer.from(`${username}:${secret}`).toString("base64")}`;
  };

  /** Writes these, or the halves of them of which the store refuses something. Gives when to go on, in milliseconds, where it is not now. */
  const write = async (to: Target, keys: readonly SpanKey[], names: ReadonlyMap<string, string>): Promise<Answer> => {
    const found = await rollups.byKey(keys);
    const seriesNames = await rollups.layouts.names(new Set(found.flatMap(({ span }) => [...span.series])));
    const series = seriesOfSpans(
      found.flatMap(({ beacon, step_ms: stepMs, at, span }) => {
        const name = names.get(beacon);
        return name === undefined ? [] : [{ beacon, name, stepMs, span: { at, values: namedSpan(span, seriesNames) } }];
      }),
    );
    const samples = series.reduce((sum, one) => sum + one.samples.length, 0);
    const answer: Answer =
      samples === 0 ? { kind: "stored" } : await postWriteRequest(parts, to, encodeWriteRequest(series));
    if (answer.kind === "later") return answer;
    if (answer.kind === "refused" && keys.length > 1) {
      const half = Math.ceil(keys.length / 2);
      const first = await write(to, keys.slice(0, half), names);
      return first.kind === "later" ? first : write(to, keys.slice(half), names);
    }
    await due.done(keys);
    if (answer.kind === "stored") {
      record.sent += samples;
      if (samples > 0) record.lastSentAt = now();
    } else {
      record.dropped += samples;
      refusal = answer.problem;
    }
    return { kind: "stored" };
  };

  const rest = async (ms: number) => {
    woken = Promise.withResolvers();
    await Promise.race([woken.promise, pause(ms, stopped.signal)]);
  };

  const run = async () => {
    for (let failures = 0; !stopped.signal.aborted; ) {
      try {
        const keys = target === undefined ? [] : await due.oldest(BATCH);
        if (target === undefined || keys.length === 0) {
          await rest(idleMs);
          continue;
        }
        const names = new Map((await beacons.list()).map(({ id, name }) => [id, name]));
        const answer = await write(target, keys, names);
        problem = answer.kind === "later" ? answer.problem : undefined;
        failures = answer.kind === "later" ? failures + 1 : 0;
        if (answer.kind === "later") await rest(retryInMs(failures, answer.afterMs));
      } catch (error) {
        onError(error);
        await rest(LONGEST_RETRY_MS);
      }
    }
  };

  return {
    counters: () => record,
    view: async () => {
      const setting = await stored();
      return {
        ...(setting === undefined ? {} : { target: Shown.parse(setting) }),
        waiting: await due.count(),
        sent: record.sent,
        dropped: record.dropped,
        forgotten: due.forgotten(),
        ...(refusal === undefined ? {} : { refusal: refusal.toJSON() }),
        ...(record.lastSentAt === undefined ? {} : { lastSentAt: record.lastSentAt }),
        ...(problem === undefined ? {} : { problem: problem.toJSON() }),
      };
    },
    set: async ({ secret, ...setting }, actor) => {
      const sealed =
        secret === undefined
          ? (await stored())?.sealed
          : Buffer.from(sealing.seal(secret, SEALED_AS)).toString("base64");
      const details = { url: setting.url, authorization: setting.authorization };
      const line = { actor, action: "remote-write.set", subject: KEY, details };
      await settings.put(KEY, JSON.stringify({ ...setting, ...(sealed === undefined ? {} : { sealed }) }), {
        at: now(),
        line,
      });
      await load();
    },
    remove: async (actor) => {
      await settings.remove(KEY, { at: now(), line: { actor, action: "remote-write.remove", subject: KEY } });
      await load();
      await due.clear();
      refusal = undefined;
    },
    start: async () => {
      await load();
      running = run();
    },
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}
