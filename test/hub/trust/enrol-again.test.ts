import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { enrol } from "#agent/enrolment.ts";
import { openIdentity } from "#agent/identity.ts";
import { openStore } from "#agent/store/database.ts";
import { createSettings, type Settings } from "#agent/store/settings.ts";
import { recordLog } from "#test/agent/silent-log.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let folder: string;
let settings: Settings;
/** What belongs to the enrolment before was forgotten so often. */
let forgotten: number;
beforeAll(async () => {
  hub = await startTestHub();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wopr-again-"));
  settings = createSettings(openStore(":memory:"));
  forgotten = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => hub.stop());

const inFolder = (name: string) => join(folder, name);
const issue = async (beacon: string) => {
  const { body } = await (await hub.operator()).post(`/api/beacons/${beacon}/enrolment`);
  writeFileSync(inFolder("token"), String(Object(body).token));
};
/** As an agent that starts: its files are read anew. */
const start = (changes: { settings?: Settings; promote?: () => void } = {}) => {
  const identity = openIdentity(inFolder("agent.key"));
  return enrol({
    hub: hub.url,
    tokenFile: inFolder("token"),
    settings: changes.settings ?? settings,
    identity: changes.promote === undefined ? identity : { ...identity, promote: changes.promote },
    agentVersion: "1.2.3",
    hostname: "again",
    instanceId: undefined,
    onAnother: () => {
      forgotten += 1;
    },
    random: () => 0.01,
    log: recordLog().log,
    signal: new AbortController().signal,
  });
};
const killed = () => {
  throw new Error("killed");
};
const keyOf = () => openIdentity(inFolder("agent.key")).publicKey();

describe("an agent that is enrolled and finds a new token", () => {
  const enrolled = async (name: string) => {
    const beacon = await hub.addBeacon(name);
    await issue(beacon);
    await start();
    await (await hub.operator()).post(`/api/beacons/${beacon}/revoke`, { confirm: name });
    await issue(beacon);
    return { beacon, before: keyOf() };
  };
  const expectNew = async (beacon: string, before: string) => {
    expect(keyOf()).not.toBe(before);
    expect((await hub.beacons.get(beacon))?.publicKey).toBe(keyOf());
    expect(existsSync(inFolder("token"))).toBe(false);
    expect(existsSync(inFolder("agent.key.next"))).toBe(false);
  };

  it("enrols with a new key, forgets what belonged to the one before, and is done", async () => {
    const { beacon, before } = await enrolled("done");
    expect((await start()).beacon).toBe(beacon);
    expect(forgotten).toBe(1);
    await expectNew(beacon, before);
    await start();
    expect(forgotten).toBe(1);
  });

  it("ends the same when it was killed after the hub had stored it, before itself had", async () => {
    const { beacon, before } = await enrolled("unstored");
    const dying = { ...settings, put: killed };
    await expect(start({ settings: dying })).rejects.toThrow("killed");
    expect(existsSync(inFolder("token"))).toBe(true);
    await issueIsStill(beacon);
    await start();
    await expectNew(beacon, before);
  });

  it("ends the same when it was killed after it was stored, before the new key was in its place", async () => {
    const { beacon, before } = await enrolled("unpromoted");
    await expect(start({ promote: killed })).rejects.toThrow("killed");
    expect(keyOf()).toBe(before);
    await start();
    await expectNew(beacon, before);
  });

  it("stays as it was when the token is refused, and puts it away", async () => {
    const beacon = await hub.addBeacon("kept");
    await issue(beacon);
    const first = await start();
    const key = keyOf();
    writeFileSync(inFolder("token"), "a-token-that-nobody-has-made");
    expect(await start()).toEqual(first);
    expect(keyOf()).toBe(key);
    expect(forgotten).toBe(0);
    expect(existsSync(inFolder("token"))).toBe(false);
  });
});

/** The token that was used is used by one key, which may ask again. */
async function issueIsStill(beacon: string) {
  const used = await hub.db
    .selectFrom("enrolment_token")
    .select("used_by")
    .where("beacon", "=", beacon)
    .where("used_by", "is not", null)
    .execute();
  expect(used.length).toBe(2);
}
