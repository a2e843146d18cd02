import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verify } from "#shared/protocol/signing.ts";
import { AlertingStatement } from "#shared/protocol/statement.ts";
import type { TestLink } from "../test-agent.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";
import { addChannel, secret } from "./alerted.ts";

let hub: TestHub;
let operator: TestClient;
let beacon: TestBeacon;
beforeAll(async () => {
  hub = await startTestHub();
  operator = await hub.operator();
  beacon = await hub.enrolled("ada");
});
afterAll(() => hub.stop());

const handed = async (link: TestLink) => {
  const { statement } = await link.take("alerting");
  return AlertingStatement.parse(JSON.parse(verify("alerting", statement, beacon.enrolment.commandKeys)));
};

describe("a beacon", () => {
  it("is handed the rules and those channels that it may use, on each connection and when they change", async () => {
    const link = await beacon.connect();
    const first = await handed(link);
    expect(first).toMatchObject({ beacon: beacon.enrolment.beacon, channels: [] });
    expect(first.rules.length).toBeGreaterThan(5);

    await addChannel(operator, "slack", { webhookUrl: "https://hooks.example/kept-here" });
    expect(await handed(link)).toMatchObject({ channels: [] });
    const settings = { url: "https://hooks.example/handed-out", secret };
    const { id } = await addChannel(operator, "webhook", settings, { fromBeacons: true, severities: "critical" });
    const second = await handed(link);
    expect(second).toMatchObject({ channels: [{ id, kind: "webhook", severities: "critical", settings }] });
    expect(second.revision).toBeGreaterThan(first.revision);
    await operator.put("/api/alert-rules", { rules: [] });
    expect(await handed(link)).toMatchObject({ rules: [], channels: [{ id }] });
    await link.close();

    await hub.restart();
    const again = await beacon.connect();
    expect(await handed(again)).toMatchObject({ rules: [], channels: [{ id }] });
    await operator.delete(`/api/channels/${id}`);
    expect(await handed(again)).toMatchObject({ channels: [] });
    await again.close();
    const files = ["hub.sqlite", "hub.sqlite-wal"].map((name) => join(hub.config.dataDirectory, name));
    for (const file of files) expect(readFileSync(file, "latin1")).not.toContain("handed-out");
  });
});
