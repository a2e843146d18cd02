import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandDetail, type LedgerLine } from "#shared/api/beacon.ts";
import { until } from "../provisioning/until.ts";
import { resultOf } from "../test-agent.ts";
import type { TestClient } from "../test-client.ts";
import { operator as account, startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let operator: TestClient;
beforeAll(async () => {
  hub = await startTestHub();
  operator = await hub.operator();
});
afterAll(() => hub.stop());

let beacons = 0;
const newBeacon = () => hub.enrolled(`ledger-${++beacons}`);
const path = ({ enrolment }: TestBeacon, id = "") => `/api/beacons/${enrolment.beacon}/commands${id && `/${id}`}`;
const send = async (beacon: TestBeacon) => {
  const { body } = await operator.post(path(beacon), { name: "module.stop", input: { instance: "page" } });
  return String(Object(body).id);
};
const detail = async (beacon: TestBeacon, id: string) =>
  CommandDetail.parse((await operator.get(path(beacon, id))).body);
const untilState = (beacon: TestBeacon, id: string, state: LedgerLine["state"]) =>
  until(
    () => detail(beacon, id),
    (seen) => seen.state === state,
  );
const states = ({ history }: CommandDetail) => history.map(({ state }) => state);

describe("the life of a command", () => {
  it("is written down line by line, with who, when by either clock, and why", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const id = await send(beacon);
    await link.take("command");
    link.send({ type: "accepted", command: id, at: 10 });
    await untilState(beacon, id, "accepted");
    const progress = { command: id, at: 25, step: 1, steps: 2, title: "Stop page/web" };
    link.send({ type: "progress", progress, startedAt: 20 });
    link.send({ type: "progress", progress: { ...progress, step: 2 }, startedAt: 20 });
    await untilState(beacon, id, "running");
    await operator.post(`${path(beacon, id)}/cancel`);
    expect(await link.take("cancel")).toMatchObject({ command: id, actor: account.email });
    const cancelled = resultOf(id, { code: "cancelled", message: "it was cancelled" }).result;
    link.send({
      type: "result",
      result: {
        ...cancelled,
        outcome: "cancelled",
        startedAt: 20,
        finishedAt: 40,
        ledger: [
          { at: 10, state: "accepted", actor: account.email },
          { at: 20, state: "running", actor: "agent" },
          { at: 30, state: "running", actor: "agent", why: "goes on after the agent was started again" },
          { at: 40, state: "cancelled", actor: "agent", why: "it was cancelled" },
        ],
      },
    });
    await link.take("ack");
    const { history } = await detail(beacon, id);
    const at = expect.any(Number);
    expect(history).toEqual([
      { at, state: "queued", actor: account.email },
      { at, state: "sent", actor: "hub" },
      { at, state: "accepted", actor: "agent", saidAt: 10 },
      { at, state: "running", actor: "agent", saidAt: 20 },
      { at, state: "running", actor: account.email, why: "asked to be cancelled" },
      { at, state: "running", actor: "agent", why: "goes on after the agent was started again", saidAt: 30 },
      { at, state: "cancelled", actor: "agent", why: "it was cancelled", saidAt: 40 },
    ]);
    const times = history.map((line) => line.at);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    await link.close();
  });

  it("has no line twice, whatever comes again", async () => {
    const beacon = await newBeacon();
    const id = await send(beacon);
    for (let nth = 0; nth < 3; nth++) {
      const link = await beacon.connect({ running: [id] });
      await link.take("command");
      link.send({ type: "accepted", command: id, at: 10 });
      link.send({ type: "accepted", command: id, at: 10 });
      await untilState(beacon, id, "accepted");
      await link.close();
    }
    const link = await beacon.connect({ unacknowledged: [id] });
    for (let nth = 0; nth < 3; nth++) link.send(resultOf(id));
    for (let nth = 0; nth < 3; nth++) await link.take("ack");
    expect(states(await detail(beacon, id))).toEqual(["queued", "sent", "accepted", "done"]);
    await link.close();
  });

  it("of an agent that knows no ledger has what the hub heard", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect({ protocol: 2 });
    const id = await send(beacon);
    link.send({ type: "accepted", command: id });
    link.send(resultOf(id));
    await link.take("ack");
    expect(states(await detail(beacon, id))).toEqual(["queued", "sent", "accepted", "done"]);
    await link.close();
  });

  it("is shut with the audit log, in one transaction with the command", async () => {
    const beacon = await newBeacon();
    const id = await send(beacon);
    await operator.post(`${path(beacon, id)}/cancel`);
    await operator.post(`${path(beacon, id)}/cancel`);
    const rows = await hub.db.selectFrom("audit").selectAll().where("subject", "=", id).orderBy("id").execute();
    expect(rows.map(({ action, actor }) => [action, actor])).toEqual([
      ["command.send", account.email],
      ["command.cancel", account.email],
    ]);
    const { history } = await detail(beacon, id);
    expect(history.map((line) => line.at)).toEqual(rows.map((row) => row.at));
    expect(history.at(-1)).toMatchObject({ state: "cancelled", actor: account.email });
  });
});

describe("a command that an agent had accepted and does not name any more", () => {
  const accepted = async (beacon: TestBeacon) => {
    const link = await beacon.connect();
    const id = await send(beacon);
    await link.take("command");
    link.send({ type: "accepted", command: id, at: 10 });
    await untilState(beacon, id, "accepted");
    await link.close();
    return id;
  };
  const page = { now: 1, forgottenSequence: 0 };

  it("is lost when its journal does not have it, is not sent again, and still becomes what it became", async () => {
    const beacon = await newBeacon();
    const id = await accepted(beacon);
    const link = await beacon.connect({ unacknowledged: [] });
    const { id: query, name, input } = await link.take("query");
    expect([name, input]).toEqual(["journal", { commands: [id] }]);
    link.send({ type: "answer", query, output: { ...page, records: [] } });
    const lost = await untilState(beacon, id, "lost");
    expect(lost).toMatchObject({
      problem: { code: "command_lost", hint: expect.stringMatching(/give the command again/) },
    });
    expect(link.waiting("command")).toBe(0);
    await link.close();

    const former = await beacon.connect({ unacknowledged: [id] });
    former.send(resultOf(id));
    await former.take("ack");
    expect(states(await detail(beacon, id))).toEqual(["queued", "sent", "accepted", "lost", "done"]);
    expect((await detail(beacon, id)).problem).toBeUndefined();
    await former.close();
  });

  it("is sent again when its journal has it, so that its result comes", async () => {
    const beacon = await newBeacon();
    const id = await accepted(beacon);
    const link = await beacon.connect({ unacknowledged: [] });
    const query = await link.take("query");
    const record = { id, sequence: 1, name: "module.stop", actor: "x", state: "done", history: [] };
    link.send({ type: "answer", query: query.id, output: { ...page, records: [record] } });
    await link.take("command");
    link.send(resultOf(id));
    await link.take("ack");
    expect(await detail(beacon, id)).toMatchObject({ state: "done" });
    await link.close();
  });

  it("is neither lost nor sent again while the agent could not be asked", async () => {
    const beacon = await newBeacon();
    const id = await accepted(beacon);
    const link = await beacon.connect({ unacknowledged: [] });
    const problem = { code: "internal" as const, message: "no" };
    for (let nth = 0; nth < 3; nth++) link.send({ type: "answer", query: (await link.take("query")).id, problem });
    expect(link.waiting("command")).toBe(0);
    expect(await detail(beacon, id)).toMatchObject({ state: "accepted" });
    await link.close();
  });

  it("is named by one that still has it: nobody is asked", async () => {
    const beacon = await newBeacon();
    const id = await accepted(beacon);
    const link = await beacon.connect({ running: [id] });
    await link.take("command");
    expect(link.waiting("query")).toBe(0);
    link.send(resultOf(id));
    await link.take("ack");
    await link.close();
  });

  it("is sent again to an agent that cannot be asked", async () => {
    const beacon = await newBeacon();
    await accepted(beacon);
    const link = await beacon.connect({ protocol: 2 });
    await link.take("command");
    expect(link.waiting("query")).toBe(0);
    await link.close();
  });

  it("is lost with its beacon, and what that never had has expired", async () => {
    const beacon = await newBeacon();
    const id = await accepted(beacon);
    const queued = await send(beacon);
    const row = () => hub.db.selectFrom("command").select(["id", "state"]).where("id", "in", [id, queued]).execute();
    await hub.beacons.remove(beacon.enrolment.beacon);
    const ended = await until(row, (rows) => rows.every(({ state }) => ["lost", "expired"].includes(state)));
    expect(Object.fromEntries(ended.map(({ id, state }) => [id, state]))).toEqual({
      [id]: "lost",
      [queued]: "expired",
    });
  });
});
