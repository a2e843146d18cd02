import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDispatch } from "#hub/commands/dispatch.ts";
import { newId } from "#hub/id.ts";
import { createLive } from "#hub/live.ts";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { type CommandStore, createCommandStore } from "#hub/store/commands.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { Problem } from "#shared/problem.ts";
import type { UnsentHubFrame } from "#shared/protocol/frames.ts";

const NOW = 1_800_000_000_000;
const [ADA, BOB] = ["bcn_12345678", "bcn_87654321"] as const;

let db: Database;
beforeEach(async () => {
  db = openDatabase(":memory:");
  await migrate(db);
  for (const [id, name] of Object.entries({ [ADA]: "ada", [BOB]: "bob" })) {
    const beacon = { name, domain: `${name}.localhost`, email: "a@example.org", provider: "local", createdAt: 0 };
    await createBeaconStore(db, () => NOW).insert({ id, ...beacon });
  }
});
afterEach(() => db.destroy());

/** Commands on a store that cannot mark those of a beacon while `failing` names it, and agents that do not answer while `silent`. */
function dispatching() {
  const store = createCommandStore(db);
  const sent: { readonly beacon: string; readonly frame: UnsentHubFrame }[] = [];
  const errors: unknown[] = [];
  const state = { failing: "", silent: false, connection: 1, backAfterMarks: 0, withdrawing: false };
  const commands: CommandStore = {
    ...store,
    markSent: async (id, at) => {
      const command = await store.get(id);
      if (command?.beacon === state.failing) throw new Error("the disk is full");
      if (state.withdrawing) await dispatch.cancel(id, "test");
      state.backAfterMarks -= 1;
      if (state.backAfterMarks === 0) state.connection += 1;
      return store.markSent(id, at);
    },
  };
  const dispatch = createDispatch({
    commands,
    links: {
      sender: (beacon) => {
        const { connection } = state;
        return (frame) => {
          if (connection === state.connection) sent.push({ beacon, frame });
          return connection === state.connection;
        };
      },
      send: () => true,
      query: () => Promise.reject(new Problem(state.silent ? "timed_out" : "agent_offline", "nobody answers")),
    },
    live: createLive((error) => errors.push(error)),
    signer: {
      sign: async (_kind, said) => ({ payload: JSON.stringify(said), signature: "A".repeat(86), key: "none" }),
    },
    ttlMs: 3_600_000,
    now: () => NOW,
    newId,
    onError: (error) => errors.push(error),
  });
  const order = (beacon: string) =>
    dispatch.send({ beacon, name: "module.restart", input: { instance: "page" }, actor: "test" });
  const sentTo = (beacon: string) =>
    sent.flatMap((one) => (one.beacon === beacon && one.frame.type === "command" ? [one.frame] : []));
  return { store, dispatch, order, sentTo, errors, state };
}

describe("a delivery that fails", () => {
  it("because the agent comes back meanwhile goes on in the order in which the commands were given", async () => {
    const { dispatch, order, sentTo, state } = dispatching();
    state.failing = ADA;
    const [first, second] = [await order(ADA), await order(ADA)];
    state.failing = "";
    state.backAfterMarks = 1;
    await dispatch.connected(ADA, { protocol: 3, running: [], unacknowledged: [] });
    expect(sentTo(ADA)).toEqual([]);
    await dispatch.connected(ADA, { protocol: 3, running: [], unacknowledged: [] });
    expect(sentTo(ADA).map(({ statement }) => JSON.parse(statement.payload).id)).toEqual([first.id, second.id]);
  });

  it("is told to the log, not to who gave the command, and is done by the next sweep", async () => {
    const { dispatch, order, sentTo, errors, state } = dispatching();
    state.failing = ADA;
    expect(await order(ADA)).toMatchObject({ state: "queued" });
    expect(errors).toEqual([new Error("the disk is full")]);
    expect(sentTo(ADA)).toEqual([]);

    state.failing = "";
    await dispatch.sweep();
    expect(sentTo(ADA)).toHaveLength(1);
    await dispatch.sweep();
    expect(sentTo(ADA)).toHaveLength(1);
  });

  it("for one beacon holds up no other one", async () => {
    const { dispatch, order, sentTo, errors, state } = dispatching();
    state.failing = ADA;
    await order(ADA);
    state.failing = BOB;
    await order(BOB);
    state.failing = ADA;
    await dispatch.sweep();
    expect(sentTo(ADA)).toEqual([]);
    expect(sentTo(BOB)).toHaveLength(1);
    expect(errors).toHaveLength(3);
  });

  it("in the middle takes the rest of them with the next sweep, in order", async () => {
    const { dispatch, order, sentTo, state } = dispatching();
    state.failing = ADA;
    const first = await order(ADA);
    const second = await order(ADA);
    state.failing = "";
    const third = await order(ADA);
    expect(third.state).toBe("sent");
    await dispatch.sweep();
    expect(sentTo(ADA)).toHaveLength(3);
    for (const { id } of [first, second, third]) expect((await dispatch.get(id))?.state).toBe("sent");
  });

  it("when an agent came and does not answer what it has forgotten: what it had accepted waits, the rest goes out", async () => {
    const { store, dispatch, order, sentTo, state } = dispatching();
    const accepted = await order(ADA);
    await store.markAccepted(accepted.id, NOW);
    await order(ADA);
    const before = sentTo(ADA).length;
    state.silent = true;
    await dispatch.connected(ADA, { protocol: 3, running: [] });
    expect(sentTo(ADA)).toHaveLength(before + 1);
    expect((await dispatch.get(accepted.id))?.state).toBe("accepted");
  });
});

it("a command that is withdrawn right before it would be sent is not sent", async () => {
  const { dispatch, order, sentTo, state } = dispatching();
  state.withdrawing = true;
  expect(await order(ADA)).toMatchObject({ state: "cancelled" });
  await dispatch.connected(ADA, { protocol: 3, running: [], unacknowledged: [] });
  expect(sentTo(ADA)).toEqual([]);
});
