import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { CommandView } from "#shared/api/beacon.ts";
import { closeCodes, HubFrame } from "#shared/protocol/frames.ts";
import { verify } from "#shared/protocol/signing.ts";
import { connect, dial, readCommand, sayHello } from "../test-agent.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

/** What an agent of protocol 2 said to a hub of its time, frame by frame. Its signatures, ids and times are put in anew. */
const recorded = z
  .array(z.looseObject({ type: z.string() }))
  .parse(JSON.parse(readFileSync(new URL("../../fixtures/protocol/agent-2.json", import.meta.url), "utf8")));

/** What such an agent can read: anything else makes it end the link. */
const knownToProtocol2: readonly string[] = [
  ...["challenge", "welcome", "refuse", "command", "cancel", "ack", "query", "open", "close", "tell", "watch", "ping"],
  "alerting",
];
const unknownToProtocol2 = HubFrame.options
  .map(({ shape }) => shape.type.value)
  .filter((type) => !knownToProtocol2.includes(type));

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

/** The recorded frame, with texts replaced in it. */
function frameText(type: string, replace: Readonly<Record<string, string>> = {}): string {
  const frame = recorded.find((one) => one.type === type);
  if (frame === undefined) throw new Error(`no ${type} was recorded`);
  return Object.entries(replace).reduce((text, [from, to]) => text.replaceAll(from, to), JSON.stringify(frame));
}

it("an agent of protocol 2 does all that it could, and is told nothing that it does not know", async () => {
  const beacon = await hub.enrolled("elder");
  const { beacon: id, commandKeys } = beacon.enrolment;
  const operator = await hub.operator();
  const link = await dial(hub.url);
  await sayHello(hub.url, link, { ...beacon, protocol: 2 });
  const { statement } = await link.take("welcome");
  expect(JSON.parse(verify("welcome", statement, commandKeys))).toMatchObject({ protocol: 2 });

  link.sendRaw(frameText("inventory"));
  await link.take("ack");
  link.sendRaw(frameText("metrics", { "1795000000000": String(hub.now()) }));
  await link.take("ack");
  const { body } = await operator.get("/api/beacons");
  expect(JSON.stringify(body)).toContain('"cpuPercent":12');

  link.sendRaw(frameText("event"));
  await link.take("ack");
  const alerts = await operator.get(`/api/beacons/${id}/alerts`);
  expect(alerts.body).toMatchObject({ firing: [{ rule: "disk-full" }] });
  await link.take("alerting");

  const request = { name: "module.install", input: { module: "page" } };
  const view = CommandView.parse((await operator.post(`/api/beacons/${id}/commands`, request)).body);
  expect(readCommand(await link.take("command"), beacon.enrolment).id).toBe(view.id);
  const ids = { "cmd_00000000-0001": view.id };
  link.sendRaw(frameText("accepted", ids));
  link.sendRaw(frameText("progress", ids));
  link.sendRaw(frameText("result", ids));
  await link.take("ack");
  const ended = await operator.get(`/api/beacons/${id}/commands/${view.id}`);
  expect(ended.body).toMatchObject({ state: "done", progress: { title: "Pull image" } });

  const plan = operator.post(`/api/beacons/${id}/plan`, request);
  const query = await link.take("query");
  link.sendRaw(frameText("answer", { "frm_f134f981-8bbf-40d4-aed2-cb54628819fc": query.id }));
  expect((await plan).body).toMatchObject({ steps: [{ kind: "image.pull" }] });

  const lines = await operator.events(`/api/beacons/${id}/logs/redis`);
  const stream = { "frm_b9b49a9a-baa3-41f7-93e6-3043471265d2": (await link.take("open")).id };
  link.sendRaw(frameText("data", stream));
  expect(await lines.next("line")).toMatchObject({ text: "hello" });
  link.sendRaw(frameText("end", stream));
  expect(await lines.next("end")).toEqual({});

  const events = await operator.events(`/api/beacons/${id}/events`);
  await link.take("watch");
  link.sendRaw(frameText("live"));
  expect(await events.next("live")).toMatchObject({ values: { load_1: 1 } });
  await events.close();
  for (const type of unknownToProtocol2) expect(link.waiting(type)).toBe(0);
  await link.close();
});

it("an agent of today is welcomed with the protocol of today, which this conversation does not know", async () => {
  const link = await connect(hub.url, await hub.enrolled("young"));
  await link.close();
  const types = recorded.map(({ type }) => type);
  expect(types).toContain("metrics");
  expect(types).not.toContain("report");
});

it("an agent of the protocol before that is told to be updated", async () => {
  const link = await dial(hub.url);
  await sayHello(hub.url, link, { ...(await hub.enrolled("ancient")), protocol: 1 });
  expect((await link.take("refuse")).problem).toMatchObject({
    code: "protocol_unsupported",
    hint: "Update the agent.",
  });
  expect((await link.closed).code).toBe(closeCodes.refused);
});
