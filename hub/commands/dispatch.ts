import { type CommandDetail, type CommandView, endedStates } from "#shared/api/beacon.ts";
import { bindCommand, inputAt } from "#shared/command-registry.ts";
import { canonicalJson } from "#shared/hash.ts";
import { JOURNAL_PAGE_LENGTH } from "#shared/ledger/journal-page.ts";
import { Problem } from "#shared/problem.ts";
import type { CommandResult } from "#shared/protocol/frames.ts";
import type { Progress } from "#shared/protocol/progress.ts";
import type { CommandStatement } from "#shared/protocol/statement.ts";
import type { NewId } from "../id.ts";
import { createLanes } from "../lanes.ts";
import type { Live } from "../live.ts";
import type { Signer } from "../signer/signer.ts";
import type { StoredCommand } from "../store/command-row.ts";
import { beforeResult, type CommandStore } from "../store/commands.ts";
import type { Links } from "../ws/links.ts";
import { type AgentHello, planDoubts } from "./doubts.ts";
import { abandonment, endOf, expiry, lostByAgent, lostWithBeacon, withdrawal } from "./outcome.ts";

/** What a statement holds of it; an address may be longer. */
const MAX_ACTOR_LENGTH = 200;

export interface CommandOrder {
  readonly beacon: string;
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly actor: string;
  /** Sending the same id again gives the same command. Made when absent. */
  readonly id?: string | undefined;
}

/** Has beacons do things: stored and signed first, then sent until each has ended in exactly one result. */
export interface Dispatch {
  /** @throws {Problem} `unknown_command`, `invalid_input`, `not_found` for the beacon, `conflict` for the id of another command, `unavailable` with nothing stored when it cannot be signed. */
  send(order: CommandOrder): Promise<CommandView>;
  /** With `beacon` only if it is a command of that one. */
  get(id: string, beacon?: string): Promise<CommandView | undefined>;
  /** With its life. */
  detail(id: string, beacon: string): Promise<CommandDetail | undefined>;
  /** Newest first. */
  list(beacon: string, limit: number): Promise<CommandView[]>;
  /** Ends a queued command at once and asks the agent to end one that it has. @throws {Problem} `not_found` */
  cancel(id: string, actor: string): Promise<CommandView>;
}

/** What agents tell of commands. Each may come any number of times, and of commands that are not theirs. */
export interface CommandReports {
  /** The agent is there: sends again, in order, all that has not ended, and gives up what it has forgotten. */
  connected(beacon: string, hello: AgentHello): Promise<void>;
  /** `at`, and `startedAt`, are by the beacon's clock. */
  accepted(beacon: string, accepted: { readonly command: string; readonly at?: number | undefined }): Promise<void>;
  progress(beacon: string, progress: Progress, startedAt?: number): Promise<void>;
  /** Resolves when the result is stored, so that the agent may be told to forget it. */
  result(beacon: string, result: CommandResult): Promise<void>;
  /** Ends what came too late, and asks again after what should have been answered. To be called now and then. */
  sweep(): Promise<void>;
}

export interface DispatchParts {
  readonly commands: CommandStore;
  readonly links: Pick<Links, "sender" | "send" | "query">;
  readonly live: Live;
  readonly signer: Pick<Signer, "sign">;
  readonly ttlMs: number;
  readonly now: () => number;
  readonly newId: NewId;
  /** Told of deliveries that failed and are tried again. */
  readonly onError: (error: unknown) => void;
}

export function createDispatch(parts: DispatchParts): Dispatch & CommandReports {
  const { commands, links, live, signer, ttlMs, now, newId, onError } = parts;
  const inLane = createLanes();
  /** What the agents said last when they came. */
  const hellos = new Map<string, AgentHello>();
  /** Beacons to which not all was delivered, or whose agents could not be asked what they have forgotten. */
  const unsettled = new Set<string>();

  const announce = (command: StoredCommand | undefined) => {
    if (command !== undefined) live.publish("command", { beacon: command.beacon, command: command.view });
    return command;
  };

  /** Those of which the agent says that it knows nothing; undefined while it does not answer, after which the sweep tries again. */
  const forgottenBy = async (beacon: string, doubts: readonly string[]): Promise<ReadonlySet<string> | undefined> => {
    const forgotten = new Set(doubts);
    try {
      for (let from = 0; from < doubts.length; from += JOURNAL_PAGE_LENGTH) {
        const asked = doubts.slice(from, from + JOURNAL_PAGE_LENGTH);
        const { records } = await links.query(beacon, "journal", { commands: asked });
        for (const { id } of records) forgotten.delete(id);
      }
      return forgotten;
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      return undefined;
    }
  };

  /**
   * Marked first, then sent: what is still `queued` was certainly never sent. A beacon is unsettled until all of it is done, so that
   * the sweep goes on where this fails.
   */
  const deliver = (beacon: string, wanted: "all" | "queued") =>
    inLane(beacon, async () => {
      // When the agent comes back meanwhile, all goes out again to its new connection, from the first command on.
      const tell = links.sender(beacon);
      if (tell === undefined) return;
      const pending = await commands.pending(beacon, unsettled.has(beacon) ? "all" : wanted);
      unsettled.add(beacon);
      const doubts = planDoubts(pending, hellos.get(beacon));
      const forgotten = await forgottenBy(beacon, doubts);
      for (const id of forgotten ?? [])
        announce(await commands.end(id, lostByAgent(now()), { from: ["accepted", "running"] }));
      const held = forgotten ?? new Set(doubts);
      for (const { view, statement, cancelAskedAt } of pending) {
        if (held.has(view.id)) continue;
        const sent = announce(await commands.markSent(view.id, now()));
        // Withdrawn since it was read: whoever did it was told that nobody will ever have it.
        if (view.state === "queued" && sent === undefined) continue;
        tell({ type: "command", statement });
        if (cancelAskedAt !== undefined) tell({ type: "cancel", command: view.id });
      }
      if (forgotten !== undefined) unsettled.delete(beacon);
    });

  /** What is stored is delivered sooner or later: whoever asked for it does not hear of a delivery that failed. */
  const deliverSoon = async (beacon: string, wanted: "all" | "queued") => {
    try {
      await deliver(beacon, wanted);
    } catch (error) {
      unsettled.add(beacon);
      onError(error);
    }
  };

  const isOf = async (beacon: string, id: string) => (await commands.get(id))?.beacon === beacon;

  return {
    send: async (order) => {
      const bound = bindCommand(order.name, inputAt(order.name, order.input, now()));
      const statement = {
        beacon: order.beacon,
        id: order.id ?? newId("cmd"),
        name: bound.name,
        input: bound.input,
        actor: order.actor.slice(0, MAX_ACTOR_LENGTH),
        issuedAt: now(),
        expiresAt: now() + ttlMs,
      };
      const { beacon, id, name, input, actor } = statement;
      const stored = await commands.insert(
        { ...statement, createdAt: statement.issuedAt },
        (sequence) => signer.sign("command", { ...statement, sequence } satisfies CommandStatement),
        { actor, action: "command.send", subject: id, details: { beacon, name, input } },
      );
      if (stored === undefined) throw new Problem("not_found", `there is no beacon ${order.beacon}`);
      assertSame(stored, statement);
      announce(stored);
      await deliverSoon(order.beacon, "queued");
      return (await commands.get(stored.view.id))?.view ?? stored.view;
    },

    get: async (id, beacon) => {
      const known = await commands.get(id);
      return beacon === undefined || known?.beacon === beacon ? known?.view : undefined;
    },
    detail: async (id, beacon) => {
      const known = await commands.get(id);
      return known?.beacon === beacon ? { ...known.view, history: await commands.history(id) } : undefined;
    },
    list: (beacon, limit) => commands.list(beacon, limit),

    cancel: async (id, actor) => {
      const known = await commands.get(id);
      if (known === undefined) throw new Problem("not_found", `there is no command ${id}`);
      const audit = { actor, action: "command.cancel", subject: id, details: { beacon: known.beacon } };
      const ended = announce(await commands.end(id, withdrawal(now(), actor), { from: ["queued"], audit }));
      if (ended !== undefined) return ended.view;
      const asked = announce(await commands.askCancel(id, now(), audit));
      if (asked !== undefined) {
        links.send(asked.beacon, { type: "cancel", command: id, actor: actor.slice(0, MAX_ACTOR_LENGTH) });
      }
      return (asked ?? (await commands.get(id)) ?? known).view;
    },

    connected: (beacon, hello) => {
      hellos.set(beacon, hello);
      return deliver(beacon, "all");
    },

    accepted: async (beacon, { command, at }) => {
      if (await isOf(beacon, command)) announce(await commands.markAccepted(command, now(), at));
    },

    progress: async (beacon, progress, startedAt) => {
      if (await isOf(beacon, progress.command)) announce(await commands.putProgress(progress, now(), startedAt));
    },

    result: async (beacon, result) => {
      if (!(await isOf(beacon, result.command))) return;
      announce(await commands.end(result.command, endOf(result, now()), { from: beforeResult }));
    },

    sweep: async () => {
      for (const id of await commands.overdue(now()))
        announce(await commands.end(id, expiry(now()), { from: ["queued"] }));
      for (const id of await commands.orphaned()) {
        announce(await commands.end(id, abandonment(now()), { from: ["queued"] }));
        announce(await commands.end(id, lostWithBeacon(now())));
      }
      const unanswered = [...unsettled, ...(await commands.unanswered(now()))];
      for (const beacon of new Set(unanswered)) await deliverSoon(beacon, "all");
    },
  };
}

/** @throws {Problem} `conflict` when the id already names something else. */
function assertSame(stored: StoredCommand, wanted: { beacon: string; id: string; name: string; input: unknown }) {
  const same =
    stored.beacon === wanted.beacon &&
    stored.view.name === wanted.name &&
    canonicalJson(stored.view.input) === canonicalJson(wanted.input);
  if (same) return;
  throw new Problem("conflict", `${wanted.id} is already the id of another command`, {
    hint: "Send each command under an id of its own.",
  });
}

export const isEnded = ({ state }: Pick<CommandView, "state">) => endedStates.includes(state);
