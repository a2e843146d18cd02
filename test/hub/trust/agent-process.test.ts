import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { beaconClient } from "#cli/beacon-client.ts";
import { HubLink, LoginLink } from "#shared/api/beacon.ts";
import { until } from "../provisioning/until.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let folder: string;
let agent: ChildProcess | undefined;

const inFolder = (name: string) => join(folder, name);
const client = () => beaconClient(inFolder("data/root.sock"));

/** Nothing listens where its Docker should be: nothing on this machine can be touched. */
function start() {
  agent = spawn(process.execPath, ["agent/main.ts", "--config", inFolder("agent.json")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}
async function stop(signal: NodeJS.Signals = "SIGKILL") {
  if (agent === undefined || agent.exitCode !== null) return;
  const gone = once(agent, "exit");
  agent.kill(signal);
  await gone;
}
const link = () => client().get("link", HubLink);
/** A process takes its time to start; the limit of the test is what ends the waiting. */
async function untilLink(state: string) {
  for (;;) {
    const seen = await link().catch(() => undefined);
    if (seen?.state === state) return seen;
    await delay(50);
  }
}
const token = async (id: string) => {
  const { body } = await (await hub.operator()).post(`/api/beacons/${id}/enrolment`);
  writeFileSync(inFolder("token"), String(Object(body).token));
};

beforeEach(async () => {
  hub = await startTestHub();
  folder = mkdtempSync(join(tmpdir(), "wopr-trust-"));
  mkdirSync(inFolder("modules"));
  const config = {
    hub: hub.url,
    dataDirectory: inFolder("data"),
    enrolmentTokenFile: inFolder("token"),
    instanceId: "here",
    dockerSocket: inFolder("no-docker.sock"),
    modulesDirectory: inFolder("modules"),
    certificates: "internal",
    logLevel: "silent",
  };
  writeFileSync(inFolder("agent.json"), JSON.stringify(config));
});
afterEach(async () => {
  await stop();
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});

it("an agent that was shut out comes back with a new token and a new key", async () => {
  const id = await hub.addBeacon("ada", "ada@example.org");
  await token(id);
  start();
  await untilLink("linked");
  expect(existsSync(inFolder("token"))).toBe(false);
  const before = (await hub.beacons.get(id))?.publicKey;
  await (await hub.operator()).post(`/api/beacons/${id}/revoke`, { confirm: "ada" });
  expect(await untilLink("revoked")).toMatchObject({ problem: { code: "beacon_revoked" } });
  await stop();

  await token(id);
  start();
  await untilLink("linked");
  expect((await hub.beacons.get(id))?.publicKey).not.toBe(before);
  expect(existsSync(inFolder("token"))).toBe(false);
});

it("an agent whose beacon leaves goes on without its hub, also when it is killed then, and lets its owner in", async () => {
  const id = await hub.addBeacon("free", "free@example.org");
  await token(id);
  start();
  await untilLink("linked");
  await hub.halt();
  await expect(client().post("leave", { confirm: "other" }, HubLink)).rejects.toMatchObject({ code: "invalid_input" });
  expect(await client().post("leave", { confirm: "free" }, HubLink)).toMatchObject({ state: "left" });
  const { url } = await client().post("login-links", undefined, LoginLink);
  expect(url).toMatch(/^https:\/\/free\.localhost\/#sign-in=login_/);
  const stored = readFileSync(inFolder("data/agent.db"), "latin1");
  expect(stored).not.toContain(url.split("=")[1]);
  await stop();
  await hub.restart();
  start();
  await untilLink("left");
  await until(
    async () => hub.beacons.get(id),
    (beacon) => beacon === undefined,
  );
});
