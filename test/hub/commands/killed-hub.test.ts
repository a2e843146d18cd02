import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandView } from "#shared/api/beacon.ts";
import { type ChildHub, startChildHub } from "../child-hub.ts";
import { until } from "../provisioning/until.ts";
import { readCommand, resultOf } from "../test-agent.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

/** The in-process hub makes the accounts and the beacon; then it makes way for processes that can be killed. */
let prepared: TestHub;
let operator: TestClient;
let hub: ChildHub;
beforeAll(async () => {
  prepared = await startTestHub();
  operator = await prepared.operator();
  await prepared.halt();
  hub = await startChildHub(prepared.config);
});
afterAll(async () => {
  await hub.kill();
  await prepared.stop();
});

const killAndStart = async () => {
  await hub.kill();
  hub = await startChildHub(prepared.config);
};

const path = ({ enrolment }: TestBeacon, id = "") => `/api/beacons/${enrolment.beacon}/commands${id && `/${id}`}`;
const install = { name: "module.install", input: { module: "page" } };
const send = async (beacon: TestBeacon) => CommandView.parse((await operator.post(path(beacon), install)).body);
const view = async (beacon: TestBeacon, id: string) => CommandView.parse((await operator.get(path(beacon, id))).body);

describe("a hub that is killed", () => {
  it("during an install takes the result of the same command after it is back", async () => {
    const beacon = await prepared.enrolled("during");
    const link = await beacon.connect();
    const { id } = await send(beacon);
    const { statement } = await link.take("command");
    link.send({ type: "accepted", command: id });
    const progress = { command: id, at: 1, step: 1, steps: 4, title: "Pull image" };
    link.send({ type: "progress", progress });
    await until(
      () => view(beacon, id),
      (seen) => seen.progress !== undefined,
    );
    await killAndStart();
    expect((await link.closed).code).toBe(1006);
    expect(await view(beacon, id)).toMatchObject({ state: "running", progress });

    const again = await beacon.connect({ running: [id] });
    expect((await again.take("command")).statement).toEqual(statement);
    again.send(resultOf(id));
    await again.take("ack");
    expect(await view(beacon, id)).toMatchObject({ state: "done" });
    const { body } = await operator.get(path(beacon));
    expect(body).toMatchObject({ commands: [{ id }] });
    await again.close();
  });

  it("right after it took an order still has it", async () => {
    const beacon = await prepared.enrolled("order");
    const { id } = await send(beacon);
    await killAndStart();
    const link = await beacon.connect();
    expect(readCommand(await link.take("command"), beacon.enrolment).id).toBe(id);
    await link.close();
  });

  it("right after it acknowledged a result still has it", async () => {
    const beacon = await prepared.enrolled("result");
    const link = await beacon.connect();
    const { id } = await send(beacon);
    await link.take("command");
    link.send(resultOf(id, { code: "disk_full", message: "the disk is full" }));
    await link.take("ack");
    await killAndStart();
    expect(await view(beacon, id)).toMatchObject({ state: "failed", problem: { code: "disk_full" } });
  });

  it("with a result on its way takes it when it is sent again", async () => {
    const beacon = await prepared.enrolled("way");
    const link = await beacon.connect();
    const { id } = await send(beacon);
    await link.take("command");
    link.send(resultOf(id));
    await killAndStart();
    const again = await beacon.connect();
    again.send(resultOf(id));
    await again.take("ack");
    expect(await view(beacon, id)).toMatchObject({ state: "done" });
    await again.close();
  });

  it("keeps sessions, keys and the sequence", async () => {
    const beacon = await prepared.enrolled("keeps");
    await send(beacon);
    await killAndStart();
    await send(beacon);
    expect((await operator.get("/api/me")).body).toMatchObject({ role: "operator" });
    const link = await beacon.connect();
    const sequences = [];
    for (let nth = 0; nth < 2; nth++) {
      sequences.push(readCommand(await link.take("command"), beacon.enrolment).sequence);
    }
    expect(sequences).toEqual([1, 2]);
    await link.close();
  });
});

it("stops within five seconds when asked, with agents and event streams open", async () => {
  const beacon = await prepared.enrolled("stop");
  const link = await beacon.connect();
  const events = await operator.events("/api/events");
  const startedAt = Date.now();
  expect(await hub.terminate()).toBe(0);
  expect(Date.now() - startedAt).toBeLessThan(5_500);
  expect((await link.closed).code).toBe(1001);
  await events.close();
});
