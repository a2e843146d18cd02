import type { BoundCommand } from "#shared/command.ts";
import type { Observed } from "#shared/observed.ts";
import { dependenciesOf } from "#shared/plans/stages.ts";
import { Problem } from "#shared/problem.ts";
import type { Progress } from "#shared/protocol/progress.ts";
import { type Step, stepTitle } from "#shared/steps.ts";
import { Interruption } from "./interruption.ts";
import type { Observe } from "./observe.ts";
import { patiently } from "./patience.ts";
import { runSideBySide } from "./run-side-by-side.ts";
import type { StepNews, World } from "./steps/context.ts";
import { execute } from "./steps/executors.ts";

export interface ReconcilerOptions {
  readonly observe: Observe;
  readonly world: World;
  readonly now: () => number;
  /** How long Docker, Caddy or a registry may be away in the middle of a command. */
  readonly patienceMs: number;
}

export interface Reconciliation {
  readonly id: string;
  readonly command: BoundCommand;
  /** Whether an earlier run of the same command may have changed something. */
  readonly resumed: boolean;
  /** Breaks the command off and has what it did taken back. */
  readonly cancel: AbortSignal;
  /** Breaks everything off at once, with an `Interruption` as its reason. */
  readonly stop: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** One more step was carried out. */
  readonly onStep: () => void;
}

/**
 * Brings the beacon to where the command wants it: observes, plans, executes, and looks again until the plan is empty.
 * When that fails, takes back what the command did.
 * @throws {Problem} why it failed or was cancelled; where taking back failed too, `details.undo` says why
 * @throws {Interruption} the reason of `stop`
 */
export type Reconcile = (reconciliation: Reconciliation) => Promise<void>;

/** Rounds in a row in which a plan may fail to get shorter. */
const MOST_IDLE_ROUNDS = 3;

export function createReconcile(options: ReconcilerOptions): Reconcile {
  return async (work) => {
    const { id, command, stop, cancel } = work;
    let touched = work.resumed;
    const forward: Leg = {
      ...work,
      plan: command.plan,
      signal: AbortSignal.any([stop, cancel]),
      prefix: "",
      onStart: () => {
        touched = true;
      },
    };
    try {
      await converge(options, forward);
    } catch (error) {
      if (error instanceof Interruption) throw error;
      const problem = Problem.wrap(error);
      if (!touched) throw problem;
      const plan = (seen: Observed) => command.undo(seen, id);
      const back: Leg = { ...work, plan, signal: stop, prefix: "Take back: ", onStart: () => undefined };
      await converge(options, back).catch((undoError) => {
        if (undoError instanceof Interruption) throw undoError;
        throw alsoNotUndone(problem, Problem.wrap(undoError));
      });
      throw problem;
    }
  };
}

/** One way to go: to where a command wants the beacon, or back. */
interface Leg extends Pick<Reconciliation, "id" | "onProgress" | "onStep"> {
  readonly plan: (seen: Observed) => readonly Step[];
  readonly signal: AbortSignal;
  /** Before the title of each step. */
  readonly prefix: string;
  /** Something is about to be changed. */
  readonly onStart: () => void;
}

async function converge(options: ReconcilerOptions, leg: Leg): Promise<void> {
  const { observe, patienceMs } = options;
  const { signal } = leg;
  let shortest = Number.POSITIVE_INFINITY;
  let idleRounds = 0;
  for (;;) {
    const seen = await patiently(observe, { patienceMs, signal, onWait: () => undefined });
    signal.throwIfAborted();
    const plan = leg.plan(seen);
    if (plan.length === 0) return;
    idleRounds = plan.length < shortest ? 0 : idleRounds + 1;
    shortest = Math.min(shortest, plan.length);
    if (idleRounds >= MOST_IDLE_ROUNDS) throw notConverging(plan);
    await carryOut(options, leg, plan);
  }
}

/** Pulls share the network, and all else shares one engine. */
const MOST_PULLS = 3;
const MOST_STEPS = 8;

interface Running {
  readonly step: Step;
  news: StepNews;
}

/** Carries a plan out, side by side where its steps allow; progress shows the step that has been running longest. */
async function carryOut({ world, now, patienceMs }: ReconcilerOptions, leg: Leg, plan: readonly Step[]): Promise<void> {
  const { id: command } = leg;
  const running = new Map<number, Running>();
  let done = 0;

  function report(): void {
    const [oldest] = running.values();
    if (oldest === undefined) return;
    leg.onProgress({
      command,
      at: now(),
      step: done + 1,
      steps: plan.length,
      title: leg.prefix + stepTitle(oldest.step),
      ...oldest.news,
    });
  }

  const isPull = (place: number) => plan[place]?.kind === "image.pull";

  await runSideBySide({
    dependencies: dependenciesOf(plan),
    mayBegin: (place, others) =>
      others.length < MOST_STEPS && !(isPull(place) && others.filter(isPull).length >= MOST_PULLS),
    run: async (place, failing) => {
      const step = plan[place];
      if (step === undefined) return;
      leg.signal.throwIfAborted();
      leg.onStart();
      const signal = AbortSignal.any([leg.signal, failing]);
      const mine: Running = { step, news: {} };
      const tell = (news: StepNews) => {
        mine.news = news;
        report();
      };
      running.set(place, mine);
      report();
      try {
        await patiently(() => execute({ ...world, command, signal, report: tell }, step), {
          patienceMs,
          signal,
          onWait: (problem) => tell({ detail: `${problem.message}; trying again` }),
        });
        done += 1;
        leg.onStep();
      } finally {
        running.delete(place);
      }
      report();
    },
  });
}

const notConverging = (plan: readonly Step[]) =>
  new Problem("not_converging", "the beacon does not stay as the command leaves it", {
    hint: "Something else may be changing the same things. Look at the steps that are planned again and again.",
    details: { steps: plan.map(stepTitle) },
  });

const alsoNotUndone = (problem: Problem, undo: Problem) =>
  new Problem(problem.code, problem.message, {
    hint: problem.hint,
    details: { ...problem.details, undo: undo.toJSON() },
    cause: problem.cause,
  });
