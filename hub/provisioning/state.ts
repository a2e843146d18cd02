import type { CommandView } from "#shared/api/beacon.ts";
import type { jobStates } from "#shared/api/hub.ts";
import type { CommandName } from "#shared/command-registry.ts";
import type { Problem } from "#shared/problem.ts";
import type { Dns } from "../dns/dns.ts";
import type { Enrolments } from "../fleet/enrolments.ts";
import type { MailQueue } from "../mail/mail-queue.ts";
import type { Precedence } from "../precedence.ts";
import type { ProviderMarket } from "../providers/market.ts";
import type { Bootstrap, Provider, UserData } from "../providers/provider.ts";
import type { BeaconStore } from "../store/beacons.ts";
import type { DocumentStore } from "../store/documents.ts";
import type { Job } from "../store/jobs.ts";
import type { ModuleFacts } from "./module-facts.ts";

/** The states in which there is something to do. */
export type WorkingState = Exclude<(typeof jobStates)[number], "COMPLETED">;

/** How one look at a job ended. A thrown `Problem` is the fourth way: tried again when it is retryable, else the end. */
export type Outcome =
  /** The state has reached its aim; in words for the job's history. `problem` is what it goes on without, if there is something. */
  | { readonly next: string; readonly beacon?: string; readonly problem?: Problem | undefined }
  /** Something outside has to happen first. Looked at again after `ms`, or as soon as somebody calls `wake`. `problem` is why, if it is one. */
  | {
      readonly wait: string;
      readonly ms: number;
      readonly note?: string | undefined;
      readonly problem?: Problem | undefined;
    }
  /** Waiting or trying longer is pointless, whatever the code says. */
  | { readonly fail: Problem }
  /** Nobody wants it any more: what was made is taken back. In words for the job's history. */
  | { readonly cancel: string };

/**
 * One step on the way from an order to a beacon. A state may be killed at any instant and is then run again, so `run`
 * looks at the world before it acts, and everything it makes has a name that comes from the job alone.
 */
export interface State {
  readonly state: WorkingState;
  readonly title: string;
  /** How many retryable problems in a row end in FAILED. A provider that is away (`provider_unavailable`) is waited for as long as an order may take. */
  readonly attempts: number;
  /** Where a retry goes on when it is not this state: what this one waits for has to be made again first. */
  readonly retryIn?: WorkingState;
  run(context: StateContext, job: Job): Promise<Outcome>;
  /** Takes back what `run` made. Called for a cancelled job, also when `run` was never reached; may be called again. */
  undo?(context: StateContext, job: Job): Promise<void>;
}

/** What the states act on: everything outside the job. */
export interface StateContext {
  readonly now: () => number;
  /** What is paid for goes first, by the id of its job, until its provider is asked for a server. */
  readonly precedence: Precedence;
  /** Origin of the hub, as people and beacons reach it. */
  readonly publicUrl: string;
  /** Domain under which beacons live. */
  readonly zone: string;
  readonly market: Omit<ProviderMarket, "names" | "all">;
  /** What a VPS is given to start with. */
  readonly userData: (bootstrap: Bootstrap, provider: Pick<Provider, "name">) => Promise<UserData>;
  readonly dns: Omit<Dns, "list">;
  readonly mails: Pick<MailQueue, "send" | "state" | "tryAgain" | "withdraw" | "nudge">;
  readonly documents: Pick<DocumentStore, "has" | "put">;
  readonly beacons: Pick<BeaconStore, "insert" | "get" | "byName" | "update" | "remove">;
  readonly billing: {
    isPaid(purchase: string): Promise<boolean>;
    /** Gives back what was paid. May be called again. */
    takeBack(purchase: string): Promise<void>;
  };
  readonly accounts: {
    ensureOwner(email: string): Promise<{ readonly id: string }>;
    /** A link that signs its reader in. */
    invitation(email: string): Promise<string>;
    /** Addresses of those who are told what goes wrong. */
    operators(): Promise<string[]>;
  };
  readonly enrolments: Pick<Enrolments, "issue" | "wasIssued" | "expect" | "refusal">;
  readonly links: { isOnline(beacon: string): boolean };
  readonly dispatch: {
    send(order: {
      readonly beacon: string;
      readonly name: CommandName;
      readonly input: Record<string, unknown>;
      readonly actor: string;
      readonly id: string;
    }): Promise<CommandView>;
    get(id: string): Promise<CommandView | undefined>;
  };
  /** The modules that can be ordered, core modules included, by id. */
  readonly modules: () => ReadonlyMap<string, ModuleFacts>;
  /** How long after its payment an order is called off that is not delivered. */
  readonly deliverWithinHours: number;
  /** How long nothing may be heard from a VPS or a command before it counts as stuck. */
  readonly silenceMs: number;
}
