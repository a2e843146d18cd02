import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LedgerAudit } from "#shared/ledger/difference.ts";
import type { JournalRecord } from "#shared/ledger/journal-page.ts";
import { resultOf, type TestLink } from "../test-agent.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

const main = join(import.meta.dirname, "../../../cli/main.ts");

let hub: TestHub;
let socket: string;
let beacon: TestBeacon;
let link: TestLink;
let command: string;
beforeAll(async () => {
  hub = await startTestHub();
  socket = join(hub.config.dataDirectory, "root.sock");
  beacon = await hub.enrolled("ada");
  link = await beacon.connect();
  const operator = await hub.operator();
  const order = { name: "module.stop", input: { instance: "page" } };
  const { body } = await operator.post(`/api/beacons/${beacon.enrolment.beacon}/commands`, order);
  command = String(Object(body).id);
  await link.take("command");
  link.send({ type: "accepted", command, at: Date.now() });
  link.send(resultOf(command));
  await link.take("ack");
});
afterAll(() => hub.stop());

const wopr = (...argv: string[]) =>
  new Promise<{ code: number; out: string; said: string }>((resolve) => {
    const env = { ...process.env, WOPR_HUB_SOCKET: socket };
    execFile(process.execPath, [main, ...argv], { env }, (error, out, said) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, said }),
    );
  });

/** Answers the next questions for the journal with these pages. */
async function answer(...pages: (readonly JournalRecord[])[]) {
  for (const [index, records] of pages.entries()) {
    const query = await link.take("query");
    expect(query).toMatchObject({ name: "journal", input: { after: index } });
    const next = index === pages.length - 1 ? {} : { next: index + 1 };
    link.send({ type: "answer", query: query.id, output: { now: Date.now(), forgottenSequence: 0, records, ...next } });
  }
}

const record = (state: "done" | "failed", more: Partial<JournalRecord> = {}): JournalRecord => ({
  ...{ id: command, sequence: 1, name: "module.stop", actor: "x", state, acknowledgedAt: Date.now() },
  history: [{ at: Date.now(), state, actor: "agent" }],
  ...more,
});

describe("wopr audit", () => {
  it("reads the whole journal, and ends with 0 when the ledgers agree", async () => {
    const [{ code, out, said }] = await Promise.all([
      wopr("audit", "ada"),
      answer([record("done")], [record("done", { id: "cmd_local-00001", sequence: null })]),
    ]);
    expect(said).toBe("");
    expect(out).toMatch(/ada: 1 commands on the hub, 2 on the beacon, 1 of them given there/);
    expect(out).toMatch(/agree/);
    expect(code).toBe(0);
  });

  it("ends with 1 when they do not, and says what each difference means and what to do", async () => {
    const stranger = record("done", { id: "cmd_stranger-1", sequence: 9 });
    const [{ code, out }] = await Promise.all([wopr("audit", "ada.localhost"), answer([record("failed"), stranger])]);
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`${command} +module.stop +done +failed +ended-differently`));
    expect(out).toMatch(/cmd_stranger-1 +module.stop +nothing +done +missing-on-hub/);
    expect(out).toMatch(/missing-on-hub: .*\n.*rotate it now/);
  });

  it("says which beacons there are", async () => {
    expect(await wopr("audit", "bob")).toMatchObject({
      code: 1,
      said: expect.stringMatching(/no beacon bob\nIt has: ada/),
    });
  });

  it("says where it has to run", async () => {
    const { code, said } = await wopr("audit", "ada", "--hub", "/nowhere/root.sock");
    expect([code, said]).toEqual([1, expect.stringMatching(/no hub answers on .*\n.*where the hub runs/)]);
  });

  it("says that a beacon that is not there cannot be asked", async () => {
    await hub.enrolled("eve");
    expect(await wopr("audit", "eve")).toMatchObject({ code: 1, said: expect.stringMatching(/not connected/) });
  });
});

describe("the hub's own socket", () => {
  it("is for the hub's user alone, and nobody else is let in for coming from this machine", async () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    const path = `/api/beacons/${beacon.enrolment.beacon}/audit`;
    expect(await hub.client().get(path)).toMatchObject({ status: 401 });
    expect(await (await hub.owner("eve@example.org")).get(path)).toMatchObject({ status: 404 });
    const owner = await hub.owner("owner@example.org");
    const [{ status, body }] = await Promise.all([owner.get(path), answer([record("done")])]);
    expect(status).toBe(200);
    expect(LedgerAudit.parse(body).differences).toEqual([]);
  });
});
