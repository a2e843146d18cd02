import type { LifecycleChange, LifecycleKind } from "#shared/api/lifecycle.ts";
import type { ProviderLack } from "#shared/api/providers.ts";
import type { Problem } from "#shared/problem.ts";
import type { Dns } from "../dns/dns.ts";
import type { Enrolments } from "../fleet/enrolments.ts";
import type { MailQueue } from "../mail/mail-queue.ts";
import type { Words } from "../mail/templates/letter.ts";
import type { Provider } from "../providers/provider.ts";
import type { StateContext } from "../provisioning/state.ts";
import type { Beacon, BeaconStore } from "../store/beacons.ts";
import type { LifecycleFacts, LifecycleJob } from "../store/lifecycle-jobs.ts";
import type { Subscribed } from "./subscribed.ts";

type ChangeOf<Kind extends LifecycleKind> = Extract<LifecycleChange, { change: Kind }>;
export type JobOf<Kind extends LifecycleKind> = LifecycleJob & { readonly change: ChangeOf<Kind> };

/** How one look at a step ended. A thrown `Problem` is the fourth way: tried again when it is retryable, else the end. */
export type Outcome =
  /** The step has reached its aim, in words for the job's history. `facts` are added to those that the job has. */
  | { readonly next: string; readonly facts?: LifecycleFacts | undefined }
  /** Something outside has to happen first. Looked at again after `ms`, or as soon as somebody calls `wake`. */
  | { readonly wait: string; readonly ms: number; readonly facts?: LifecycleFacts | undefined }
  /** Waiting or trying longer is pointless. */
  | { readonly fail: Problem };

/** A part of a change. It may be killed at any instant and is run again: it looks at the world before it acts. */
export interface Step<Kind extends LifecycleKind = LifecycleKind> {
  readonly name: string;
  readonly title: string;
  /** How many retryable problems in a row end the job as failed. Providers and Stripe are waited for, however long they are away. */
  readonly attempts: number;
  /** Where a retry goes on when it is not here: what this one waits for has to be made again first. */
  readonly retryIn?: string;
  run(context: LifecycleContext, job: JobOf<Kind>): Promise<Outcome>;
}

export interface AddressedLetter {
  readonly recipient: string;
  readonly words: Words;
}

/** Everything about one change of a beacon. */
export interface Change<Kind extends LifecycleKind = LifecycleKind> {
  readonly change: Kind;
  /** In the order in which they are done. */
  readonly steps: readonly [Step<Kind>, ...Step<Kind>[]];
  /**
   * Who is told what once it is done on somebody's wish: of what billing asks for, billing tells. Pure.
   * @param seen `beacon` is as it is now; absent when it is not the hub's any more
   */
  letters?(job: JobOf<Kind>, seen: { readonly beacon: Beacon | undefined; readonly now: number }): AddressedLetter[];
  /** What is under way of these kinds ends as it is when this one is asked for. All other changes are waited for. */
  readonly overtakes?: readonly LifecycleKind[];
  /** Whether it can be at all. @throws {Problem} when it cannot; nothing was touched then */
  check?(context: LifecycleContext, beacon: Beacon, change: ChangeOf<Kind>): Promise<void>;
  /** How it is called off. Absent: it is carried through. */
  readonly calledOff?: {
    /** The last step in which that can be asked for. */
    readonly until: string;
    /** Takes back what the steps did; may be called again. */
    undo(context: LifecycleContext, job: JobOf<Kind>): Promise<Outcome>;
  };
}

/** What changes act on: everything outside the job. */
export interface LifecycleContext extends Pick<StateContext, "now" | "publicUrl" | "userData" | "silenceMs"> {
  readonly accounts: Pick<StateContext["accounts"], "ensureOwner" | "invitation">;
  readonly beacons: Pick<BeaconStore, "get" | "update" | "isRevoked">;
  readonly fleet: {
    /** Takes a beacon out of the books and shuts its agent out. */
    remove(beacon: string): Promise<void>;
    /** Tells those who look that something about a beacon changed. */
    announce(beacon: string): void;
  };
  readonly market: {
    /** The provider at which a beacon is, also one that gets no orders any more. */
    open(name: string): Promise<Provider>;
    /** The provider's name of the size of a tier; `undefined` where it has but one. */
    sizeOf(provider: string, tier: ChangeOf<"resize">["tier"]): string | undefined;
    /** What the provider cannot do, however it is asked. */
    lacks(provider: string): readonly ProviderLack[];
  };
  readonly links: {
    isOnline(beacon: string): boolean;
    /** Asks the agent: a link may look open for a while after its server was switched off. */
    answers(beacon: string): Promise<boolean>;
  };
  readonly dns: Omit<Dns, "list">;
  readonly mails: Pick<MailQueue, "send" | "nudge">;
  readonly enrolments: Pick<Enrolments, "issue" | "expect" | "refusal">;
  readonly dispatch: StateContext["dispatch"] & {
    cancel(id: string, actor: string): Promise<unknown>;
  };
  /** Ends what lets a person in, here and on all beacons. */
  readonly endSessions: (person: string) => Promise<void>;
  /** What its owner pays for it. */
  readonly subscribed: Subscribed;
}
