import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandView } from "#shared/api/beacon.ts";
import { until } from "../provisioning/until.ts";
import { readCommand, resultOf } from "../test-agent.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

const HOUR_MS = 3_600_000;

let hub: TestHub;
let operator: TestClient;
beforeAll(async () => {
  hub = await startTestHub();
  operator = await hub.operator();
});
afterAll(() => hub.stop());

let beacons = 0;
const newBeacon = () => hub.enrolled(`beacon-${++beacons}`);
const path = ({ enrolment }: TestBeacon, id = "") => `/api/beacons/${enrolment.beacon}/commands${id && `/${id}`}`;

const send = async (beacon: TestBeacon, instance = "page", name = "module.stop") => {
  const { status, body } = await operator.post(path(beacon), { name, input: { instance } });
  expect(status).toBe(202);
  return CommandView.parse(body);
};
const view = async (beacon: TestBeacon, id: string) => CommandView.parse((await operator.get(path(beacon, id))).body);
const untilState = (beacon: TestBeacon, id: string, state: CommandView["state"]) =>
  until(
    () => view(beacon, id),
    (seen) => seen.state === state,
  );
const cancel = async (beacon: TestBeacon, id: string) =>
  CommandView.parse((await operator.post(`${path(beacon, id)}/cancel`)).body);

describe("a command", () => {
  it("that is to hold after a time carries the hub's time, also in a plan", async () => {
    const beacon = await newBeacon();
    const before = Date.now();
    const { id } = await send(beacon, "page", "module.restart");
    const link = await beacon.connect();
    const { input } = readCommand(await link.take("command"), beacon.enrolment);
    expect(input).toEqual((await view(beacon, id)).input);
    expect(Number(Object(input).after)).toBeGreaterThanOrEqual(before);
    const planned = operator.post(`/api/beacons/${beacon.enrolment.beacon}/plan`, {
      name: "module.restart",
      input: { instance: "page" },
    });
    const query = await link.take("query");
    expect(query.input).toEqual({ name: "module.restart", input: { instance: "page", after: expect.any(Number) } });
    link.send({ type: "answer", query: query.id, output: { steps: [] } });
    expect((await planned).body).toEqual({ steps: [] });
  });

  it("is signed, numbered, accepted, followed and ended", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const { id, state } = await send(beacon);
    expect(state).toBe("sent");
    const command = readCommand(await link.take("command"), beacon.enrolment);
    expect(command).toMatchObject({ id, beacon: beacon.enrolment.beacon, name: "module.stop", sequence: 1 });
    expect(command.actor).toBe("operator@example.org");
    expect(command.expiresAt).toBe(command.issuedAt + hub.config.commandTtlMs);

    link.send({ type: "accepted", command: id });
    await untilState(beacon, id, "accepted");
    const progress = { command: id, at: 1, step: 1, steps: 2, title: "Stop page/web" };
    link.send({ type: "progress", progress });
    expect(
      await until(
        () => view(beacon, id),
        (seen) => seen.progress !== undefined,
      ),
    ).toMatchObject({ progress });

    const result = link.send(resultOf(id));
    expect((await link.take("ack")).of).toEqual([result]);
    expect(await view(beacon, id)).toMatchObject({ state: "done", finishedAt: expect.any(Number) });
  });

  it("waits for a beacon that is offline, and all come in the order in which they were given", async () => {
    const beacon = await newBeacon();
    const given = [await send(beacon, "one"), await send(beacon, "two"), await send(beacon, "three")];
    expect(given.map(({ state }) => state)).toEqual(["queued", "queued", "queued"]);
    const link = await beacon.connect();
    const came = [];
    for (const _ of given) came.push(readCommand(await link.take("command"), beacon.enrolment));
    expect(came.map(({ id }) => id)).toEqual(given.map(({ id }) => id));
    expect(came.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it("comes again on each connection until it has ended, word for word", async () => {
    const beacon = await newBeacon();
    const first = await beacon.connect();
    const { id } = await send(beacon);
    const before = await first.take("command");
    first.send({ type: "accepted", command: id });
    await untilState(beacon, id, "accepted");
    await first.close();

    const second = await beacon.connect({ running: [id] });
    expect((await second.take("command")).statement).toEqual(before.statement);
    second.send(resultOf(id));
    await second.take("ack");
    await second.close();

    const third = await beacon.connect();
    const next = await send(beacon, "other");
    // Once or twice, by whether it was given before the hub had told the new connection all that is open; the first one no more.
    do expect(readCommand(await third.take("command"), beacon.enrolment).id).toBe(next.id);
    while (third.waiting("command") > 0);
  });

  it("ends once, however often its result comes, and every result is acknowledged", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const { id } = await send(beacon);
    const first = link.send(resultOf(id));
    const second = link.send(resultOf(id, { code: "disk_full", message: "the disk is full" }));
    expect([...(await link.take("ack")).of, ...(await link.take("ack")).of]).toEqual([first, second]);
    const { state, problem } = await view(beacon, id);
    expect([state, problem]).toEqual(["done", undefined]);
    link.send({ type: "progress", progress: { command: id, at: 1, step: 1, steps: 1, title: "late" } });
    link.send({ type: "accepted", command: id });
    link.send(resultOf(id));
    await link.take("ack");
    expect(await view(beacon, id)).toMatchObject({ state: "done" });
  });

  it("keeps the problem of its failure", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const { id } = await send(beacon);
    link.send(resultOf(id, { code: "disk_full", message: "the disk is full" }));
    await link.take("ack");
    expect(await view(beacon, id)).toMatchObject({ state: "failed", problem: { code: "disk_full" } });
  });

  it("is not touched by what the agent of another beacon says of it", async () => {
    const beacon = await newBeacon();
    const { id } = await send(beacon);
    const stranger = await (await newBeacon()).connect();
    stranger.send({ type: "accepted", command: id });
    stranger.send({ type: "progress", progress: { command: id, at: 1, step: 1, steps: 1, title: "mine" } });
    stranger.send(resultOf(id));
    await stranger.take("ack");
    expect(await view(beacon, id)).toMatchObject({ state: "queued" });
  });

  it("survives a hub that is started again", async () => {
    const beacon = await newBeacon();
    const { id } = await send(beacon);
    await hub.restart();
    const link = await beacon.connect();
    expect(readCommand(await link.take("command"), beacon.enrolment).id).toBe(id);
  });
});

describe("cancelling", () => {
  it("ends a command at once that was never sent", async () => {
    const beacon = await newBeacon();
    const { id } = await send(beacon);
    expect(await cancel(beacon, id)).toMatchObject({ state: "cancelled", problem: { code: "cancelled" } });
    const link = await beacon.connect();
    const next = await send(beacon, "other");
    expect(readCommand(await link.take("command"), beacon.enrolment).id).toBe(next.id);
  });

  it("asks the agent, and asks again when it comes back", async () => {
    const beacon = await newBeacon();
    const first = await beacon.connect();
    const { id } = await send(beacon);
    first.send({ type: "accepted", command: id });
    await untilState(beacon, id, "accepted");
    expect(await cancel(beacon, id)).toMatchObject({ state: "accepted" });
    expect((await first.take("cancel")).command).toBe(id);
    await first.close();

    const second = await beacon.connect({ running: [id] });
    expect((await second.take("cancel")).command).toBe(id);
    const result = resultOf(id).result;
    second.send({ type: "result", result: { ...result, outcome: "cancelled" } });
    await second.take("ack");
    expect(await view(beacon, id)).toMatchObject({ state: "cancelled" });
  });

  it("changes nothing about a command that has ended", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const { id } = await send(beacon);
    link.send(resultOf(id));
    await link.take("ack");
    expect(await cancel(beacon, id)).toMatchObject({ state: "done" });
    expect(link.waiting("cancel")).toBe(0);
  });
});

describe("a command that comes too late", () => {
  it("expires by itself when it was never sent, and is sent again when the agent may have it", async () => {
    const quiet = await newBeacon();
    const sent = await newBeacon();
    const link = await sent.connect();
    const late = await send(quiet);
    const open = await send(sent);
    await link.take("command");
    hub.advance(hub.config.commandTtlMs + HOUR_MS);
    expect(await untilState(quiet, late.id, "expired")).toMatchObject({ problem: { code: "command_expired" } });
    expect(readCommand(await link.take("command"), sent.enrolment).id).toBe(open.id);
    expect(await view(sent, open.id)).toMatchObject({ state: "sent" });
    link.send(resultOf(open.id, { code: "command_expired", message: "the command came after its time" }));
    await link.take("ack");
    expect(await view(sent, open.id)).toMatchObject({ state: "expired" });
  });

  it("ends with its beacon", async () => {
    const beacon = await newBeacon();
    const link = await beacon.connect();
    const { id } = await send(beacon);
    link.send({ type: "accepted", command: id });
    await untilState(beacon, id, "accepted");
    await hub.beacons.remove(beacon.enrolment.beacon);
    await until(
      async () => (await hub.commands.get(id))?.view.state,
      (state) => state === "lost",
    );
  });
});

describe("what is refused", () => {
  const wrong = [
    ["an unknown command", { name: "rm.rf", input: {} }, 404, "unknown_command"],
    ["a name that every object has", { name: "constructor", input: {} }, 404, "unknown_command"],
    ["input of the wrong form", { name: "module.stop", input: { instance: "NO" } }, 400, "invalid_input"],
    ["input that is too much", { name: "module.stop", input: { instance: "a", more: 1 } }, 400, "invalid_input"],
    ["no input", { name: "module.stop" }, 400, "invalid_input"],
  ] as const;

  it.each(wrong)("%s", async (_, body, status, code) => {
    const beacon = await newBeacon();
    expect(await operator.post(path(beacon), body)).toMatchObject({ status, body: { code } });
    expect((await operator.get(path(beacon))).body).toEqual({ commands: [] });
  });

  it("a command of another beacon", async () => {
    const beacon = await newBeacon();
    const { id } = await send(beacon);
    const other = await newBeacon();
    expect((await operator.get(path(other, id))).status).toBe(404);
    expect((await operator.post(`${path(other, id)}/cancel`)).status).toBe(404);
    expect(await view(beacon, id)).toMatchObject({ state: "queued" });
  });
});

describe("the list", () => {
  it("shows the newest first, with what was asked", async () => {
    const beacon = await newBeacon();
    for (const instance of ["one", "two", "three"]) await send(beacon, instance);
    const { body } = await operator.get(`${path(beacon)}?limit=2`);
    expect(body).toMatchObject({ commands: [{ input: { instance: "three" } }, { input: { instance: "two" } }] });
  });
});
