import type { Finding, FixedFinding, ReconcileView } from "#shared/api/reconcile.ts";
import { hashOf } from "#shared/hash.ts";
import { Problem } from "#shared/problem.ts";
import { createLanes } from "../lanes.ts";
import { reconciledMail } from "../mail/templates/reconciled.ts";
import { createNudgedLoop } from "../nudged-loop.ts";
import type { FindingStore } from "../store/findings.ts";
import type { NewMail } from "../store/mails.ts";
import type { SettingStore } from "../store/settings.ts";
import type { Observe } from "./observe.ts";
import { planFindings } from "./plan-findings.ts";
import { LONG_MS } from "./planned-finding.ts";
import { doneOf, type PutRight } from "./put-right.ts";
import type { Scene } from "./scene.ts";

export interface ReconcileParts extends Pick<Scene, "zone" | "quietMs" | "lateMs" | "graceMs"> {
  readonly observe: Observe;
  readonly putRight: PutRight;
  readonly findings: FindingStore;
  readonly settings: Pick<SettingStore, "get" | "put">;
  /** Addresses of the operators. */
  readonly operators: () => Promise<readonly string[]>;
  /** Mails are in the store. */
  readonly onMail: () => void;
  /** Origin of the hub. */
  readonly origin: string;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** How often it is looked whether it is time. */
  readonly longestPauseMs: number;
}

/** Compares Stripe, the providers and the hub's books, every night and when somebody wants it. */
export interface Reconcile {
  /** What stands since the last comparison. */
  view(): Promise<ReconcileView>;
  /** Compares now. One comparison at a time; who comes meanwhile gets one of their own after it. */
  run(wish: { readonly fix: boolean; readonly actor: string }): Promise<ReconcileView>;
  start(): void;
  /** Returns when no comparison is under way. */
  stop(): Promise<void>;
}

const NIGHTLY_MS = 24 * 3_600_000;
/** After a comparison in which somebody did not answer. */
const SOONER_MS = 3_600_000;
const ERROR_PAUSE_MS = 60_000;
const LANE = "reconcile";
const keys = { checkedAt: "reconcile.checked-at", dueAt: "reconcile.due-at" } as const;

export function createReconcile(parts: ReconcileParts): Reconcile {
  const { observe, putRight, findings, settings, operators, onMail, origin, now, onError, longestPauseMs } = parts;
  const inLane = createLanes();

  const timeAt = async (key: string) => {
    const value = await settings.get(key);
    return value === undefined ? undefined : Number(value);
  };

  const tell = async () => {
    const { open, fixed } = await findings.untold();
    // Somebody who is away for an hour is not worth a mail, for a day it is: nothing is compared meanwhile.
    const news = open.filter(({ kind, since }) => kind !== "unreachable" || now() - since >= LONG_MS);
    const told = [...news, ...fixed];
    if (told.length === 0) return;
    const words = reconciledMail({ open: news, fixed, consoleUrl: `${origin}/sales/findings` });
    const about = told.map(({ id }) => id);
    const mails = (await operators()).map((recipient): NewMail => {
      const id = `mail_${hashOf(["reconcile", recipient, now(), about]).slice(0, 32)}`;
      return { id, recipient, attachment: undefined, createdAt: now(), ...words };
    });
    await findings.tell(about, mails, now());
    onMail();
  };

  const compare = async (fix: boolean, actor: string): Promise<FixedFinding[]> => {
    const { zone, quietMs, lateMs, graceMs } = parts;
    const scene = { ...(await observe.all()), now: now(), zone, quietMs, lateMs, graceMs };
    const { findings: found, answered } = planFindings(scene);
    const kept = found.map(({ source, fix: known, ...finding }) => ({
      source,
      finding: { ...finding, resolvable: known !== undefined },
    }));
    const fixed = await findings.take({ found: kept, answered }, now(), (finding, by) =>
      doneOf(finding, by, "It is gone."),
    );
    for (const one of fix ? found : []) {
      if (one.fix === undefined) continue;
      try {
        const outcome = await putRight(one, scene, () => findings.begin(one.id, actor, now()));
        const done =
          outcome === undefined ? undefined : await findings.finish(one.id, doneOf(one, actor, outcome), now());
        if (done !== undefined) fixed.push(done);
      } catch (thrown) {
        const problem = Problem.wrap(thrown);
        await findings.fail(one.id, problem.toJSON());
        onError(problem);
      }
    }
    await tell();
    const isPatchy = found.some(({ kind }) => kind === "unreachable");
    const at = now();
    await settings.put(keys.checkedAt, String(at));
    if (fix) await settings.put(keys.dueAt, String(at + (isPatchy ? SOONER_MS : NIGHTLY_MS)));
    return fixed;
  };

  const viewWith = async (fixed: FixedFinding[]): Promise<ReconcileView> => {
    const checkedAt = await timeAt(keys.checkedAt);
    const standing: Finding[] = await findings.list();
    return { ...(checkedAt === undefined ? {} : { checkedAt }), findings: standing, fixed };
  };
  const run: Reconcile["run"] = ({ fix, actor }) => inLane(LANE, async () => viewWith(await compare(fix, actor)));

  const nightly = createNudgedLoop({
    errorPauseMs: ERROR_PAUSE_MS,
    onError,
    turn: async () => {
      const dueAt = await timeAt(keys.dueAt);
      // A new hub has nothing to compare yet.
      if (dueAt === undefined) await settings.put(keys.dueAt, String(now() + NIGHTLY_MS));
      else if (dueAt <= now()) await run({ fix: true, actor: "reconcile" });
      return longestPauseMs;
    },
  });

  return {
    view: () => viewWith([]),
    run,
    start: nightly.start,
    stop: async () => {
      await nightly.stop();
      await inLane(LANE, async () => undefined);
    },
  };
}
