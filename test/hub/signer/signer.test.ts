import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRemoteSigner } from "#hub/signer/remote.ts";
import { verify } from "#shared/protocol/signing.ts";
import { until } from "../provisioning/until.ts";
import { dial, readCommand, resultOf, sayHello } from "../test-agent.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

let folder: string;
let keys: string;
let signerSocket: string;
let signer: ChildProcess | undefined;
let hub: TestHub;

async function startSigner(): Promise<void> {
  const child = spawn(process.execPath, ["hub/signer/main.ts", "--keys", keys, "--socket", signerSocket], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  signer = child;
  await new Promise<void>((resolve) => {
    createInterface(child.stdout).on("line", (line) => line.includes("the signer is up") && resolve());
  });
}
async function killSigner(): Promise<void> {
  if (signer === undefined) return;
  const gone = once(signer, "exit");
  signer.kill("SIGKILL");
  await gone;
  signer = undefined;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wopr-signer-"));
  keys = join(folder, "keys");
  signerSocket = join(folder, "signer.sock");
  mkdirSync(keys);
  await startSigner();
  hub = await startTestHub({ signerSocket });
});
afterAll(async () => {
  await hub?.stop();
  await killSigner();
  rmSync(folder, { recursive: true, force: true });
});

const order = { name: "module.install", input: { module: "page" } };
const give = async (beacon: string) => (await hub.operator()).post(`/api/beacons/${beacon}/commands`, order);
const logged = () => {
  const lines = readFileSync(join(keys, "signatures.log"), "utf8").trim().split("\n");
  return lines.map((line): unknown => JSON.parse(line));
};

describe("a hub whose key another process holds", () => {
  it("has no key of its own, and commands beacons all the same", async () => {
    expect(existsSync(join(hub.config.dataDirectory, "command-key.json"))).toBe(false);
    const beacon = await hub.enrolled("ada");
    const link = await beacon.connect();
    const { status, body } = await give(beacon.enrolment.beacon);
    expect(status).toBe(202);
    const command = readCommand(await link.take("command"), beacon.enrolment);
    expect(command.id).toBe(Object(body).id);
    link.send(resultOf(command.id));
    await link.take("ack");
    await link.close();
  });

  it("cannot read the key when it is another user's, and needs not to", async () => {
    expect(statSync(keys).mode & 0o777).toBeLessThanOrEqual(0o755);
    expect(statSync(join(keys, "command-key.json")).mode & 0o777).toBe(0o600);
    expect(statSync(signerSocket).mode & 0o777).toBe(0o660);
    chmodSync(join(keys, "command-key.json"), 0o000);
    const beacon = await hub.enrolled("unreadable");
    expect((await give(beacon.enrolment.beacon)).status).toBe(202);
    chmodSync(join(keys, "command-key.json"), 0o600);
  });

  it("says so while that one is away: nothing is stored, lost or sent unsigned, and it goes on when it is back", async () => {
    const beacon = await hub.enrolled("patient");
    const { beacon: id } = beacon.enrolment;
    const queued = String(Object((await give(id)).body).id);
    await killSigner();
    expect(await give(id)).toMatchObject({ status: 503, body: { code: "unavailable", hint: expect.any(String) } });
    const list = async () => Object((await (await hub.operator()).get(`/api/beacons/${id}/commands`)).body).commands;
    expect(await list()).toEqual([expect.objectContaining({ id: queued, state: "queued" })]);
    // Its welcome cannot be signed: the agent is asked to come again soon, and is refused nothing.
    await expect(beacon.connect()).rejects.toThrow();
    expect((await hub.client().get("/health")).status).toBe(200);
    await startSigner();
    expect((await give(id)).status).toBe(202);
    const link = await beacon.connect();
    expect(readCommand(await link.take("command"), beacon.enrolment).id).toBe(queued);
    expect(readCommand(await link.take("command"), beacon.enrolment).sequence).toBe(2);
    await link.close();
  });

  it("lets an agent in that said hello in time, however late it is signed what it is told", async () => {
    const hurried = await startTestHub({ signerSocket }, { helloMs: 300 });
    try {
      const { enrolment, key } = await hurried.enrolled("hurried");
      const link = await dial(hurried.url);
      signer?.kill("SIGSTOP");
      await sayHello(hurried.url, link, { enrolment, key });
      await sleep(900);
      signer?.kill("SIGCONT");
      await link.take("welcome");
      await link.close();
    } finally {
      signer?.kill("SIGCONT");
      await hurried.stop();
    }
  });

  it("has the key followed by another in that process", async () => {
    const { status, body } = await (await hub.operator()).post("/api/keys/rotate");
    expect(status).toBe(200);
    const beacon = await hub.enrolled("after");
    expect(Object.keys(beacon.enrolment.commandKeys)).toContain(Object(body).key);
    await killSigner();
    await startSigner();
    const link = await beacon.connect();
    await link.close();
  });
});

describe("the signer", () => {
  it("writes down who had what signed, and none of what it says", async () => {
    const beacon = await hub.enrolled("logged");
    const { body } = await give(beacon.enrolment.beacon);
    const line = await until(
      async () => logged().find((entry) => Object(entry).id === Object(body).id),
      (found) => found !== undefined,
    );
    expect(line).toEqual({
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      kind: "command",
      key: expect.stringMatching(/^command_/),
      beacon: beacon.enrolment.beacon,
      id: Object(body).id,
      name: "module.install",
      actor: "operator@example.org",
    });
    expect(statSync(join(keys, "signatures.log")).mode & 0o777).toBe(0o600);
  });

  const ask = async (line: string): Promise<string> => {
    const socket = connectSocket(signerSocket);
    await once(socket, "connect");
    socket.write(`${line}\n`);
    const chunks: string[] = [];
    // Whoever says something else is cut off.
    socket.on("error", () => undefined);
    socket.setEncoding("utf8").on("data", (text) => chunks.push(String(text)));
    await new Promise((resolve) => socket.once("data", resolve).once("close", resolve));
    socket.destroy();
    return chunks.join("");
  };

  it("signs what it knows in and out, and nothing else", async () => {
    const welcome = { beacon: "bcn_12345678", nonce: "n".repeat(20), protocol: 3, time: 1 };
    const sign = (kind: string, payload: object) => ask(JSON.stringify({ number: 1, ask: "sign", kind, payload }));
    expect(await sign("welcome", welcome)).toContain('"signature"');
    // What does not belong there is not signed along.
    const signed: unknown = JSON.parse(await sign("welcome", { ...welcome, extra: "rm -rf /" }));
    expect(JSON.stringify(signed)).not.toContain("rm -rf");
    for (const kind of ["hello", "rotate", "goodbye", "keys", "jwt", "__proto__", "toString"]) {
      expect(JSON.parse(await sign(kind, welcome))).toMatchObject({ problem: { code: "forbidden" } });
    }
    expect(JSON.parse(await sign("command", welcome))).toMatchObject({ problem: { code: "invalid_input" } });
    for (const line of ["nonsense", '{"number":1,"ask":"export"}', '{"ask":"keys"}', "x".repeat(1_100_000)]) {
      expect(await ask(line)).toBe("");
    }
  });

  it("answers many at once, each with its own, over one connection", async () => {
    const remote = createRemoteSigner(signerSocket);
    const { keys: publicKeys } = await remote.keys();
    const all = Array.from({ length: 50 }, (_, time) => ({
      beacon: "bcn_12345678",
      nonce: "n".repeat(20),
      protocol: 3,
      time,
    }));
    const signed = await Promise.all(all.map((welcome) => remote.sign("welcome", welcome)));
    expect(signed.map((statement): unknown => JSON.parse(verify("welcome", statement, publicKeys)))).toEqual(all);
    remote.close();
  });
});
