import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type EnrolmentOptions, enrol } from "#agent/enrolment.ts";
import { openIdentity } from "#agent/identity.ts";
import { openStore } from "#agent/store/database.ts";
import { createSettings, type Settings } from "#agent/store/settings.ts";
import { agentVersion } from "#agent/version.ts";
import { verify } from "#shared/protocol/signing.ts";
import packageJson from "../../package.json" with { type: "json" };
import { type FakeHub, startFakeHub } from "./fake-hub.ts";
import { recordLog } from "./silent-log.ts";

let directory: string;
let hub: FakeHub;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "wopr-enrol-"));
  hub = await startFakeHub();
});
afterEach(async () => {
  await hub.stop();
  rmSync(directory, { recursive: true });
});

const inDirectory = (name: string) => join(directory, name);

function options(changes: Partial<EnrolmentOptions> = {}): EnrolmentOptions & { tokenFile: string } {
  const tokenFile = inDirectory("token");
  return {
    hub: hub.origin,
    settings: createSettings(openStore(":memory:")),
    identity: openIdentity(inDirectory("agent.key")),
    agentVersion,
    hostname: "ada",
    instanceId: undefined,
    onAnother: () => undefined,
    random: () => 0.01,
    log: recordLog().log,
    signal: new AbortController().signal,
    ...changes,
    tokenFile,
  };
}

describe("identity", () => {
  it("is made once, for its owner's eyes only, and signs as the beacon's", () => {
    const file = inDirectory("agent.key");
    const identity = openIdentity(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(openIdentity(file).publicKey()).toBe(identity.publicKey());
    const statement = identity.sign("hello", { a: 1 }, "bcn_12345678");
    expect(verify("hello", statement, { bcn_12345678: identity.publicKey() })).toBe('{"a":1}');
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  it("survives a start that was killed while writing it", () => {
    writeFileSync(inDirectory("agent.key.new"), "half a k");
    expect(openIdentity(inDirectory("agent.key")).publicKey()).toHaveLength(43);
  });

  it("is never replaced by itself when the file is damaged", () => {
    writeFileSync(inDirectory("agent.key"), "nonsense");
    expect(() => openIdentity(inDirectory("agent.key"))).toThrow(/cannot be read/);
  });
});

describe("enrol", () => {
  it("trades the token once, keeps the answer, then deletes the token", async () => {
    const asked = options();
    writeFileSync(asked.tokenFile, `${hub.token}\n`);
    expect(await enrol(asked)).toEqual(hub.enrolment);
    expect(existsSync(asked.tokenFile)).toBe(false);
    await hub.stop();
    expect(await enrol(asked)).toEqual(hub.enrolment);
    await hub.start();
    expect(hub.requests).toHaveLength(1);
  });

  it("ends right when it was killed after the hub's answer, before it was stored", async () => {
    const before = options();
    writeFileSync(before.tokenFile, hub.token);
    const settings: Settings = {
      get: before.settings.get,
      remove: before.settings.remove,
      put: () => {
        throw new Error("killed");
      },
    };
    await expect(enrol({ ...before, settings })).rejects.toThrow("killed");
    expect(existsSync(before.tokenFile)).toBe(true);
    expect(await enrol(before)).toEqual(hub.enrolment);
    expect(hub.requests).toHaveLength(2);
  });

  it("ends right when it was killed after storing, before the token was deleted", async () => {
    const asked = options();
    writeFileSync(asked.tokenFile, hub.token);
    const tokenHash = createHash("sha256").update(hub.token).digest("hex");
    asked.settings.put("enrolment", { ...hub.enrolment, tokenHash });
    expect(await enrol(asked)).toEqual(hub.enrolment);
    expect(existsSync(asked.tokenFile)).toBe(false);
    expect(hub.requests).toEqual([]);
  });

  it("is refused with another key: the token was used", async () => {
    const first = options();
    writeFileSync(first.tokenFile, hub.token);
    await enrol(first);
    const second = options({ identity: openIdentity(inDirectory("other.key")) });
    writeFileSync(second.tokenFile, hub.token);
    await expect(enrol(second)).rejects.toMatchObject({ code: "enrolment_token_used", hint: "Ask for a new one." });
    expect(existsSync(second.tokenFile)).toBe(true);
  });

  it("says what to do without a token", async () => {
    await expect(enrol(options())).rejects.toMatchObject({
      code: "not_found",
      hint: expect.stringMatching(/new token/),
    });
    await expect(enrol({ ...options(), tokenFile: undefined })).rejects.toMatchObject({ code: "not_found" });
  });

  it("asks again while the hub is away, and never writes the token into the log", async () => {
    const { log, lines } = recordLog();
    const asked = options({ log });
    writeFileSync(asked.tokenFile, hub.token);
    await hub.stop();
    const enrolling = enrol(asked);
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(2), 5000);
    await hub.start();
    expect(await enrolling).toEqual(hub.enrolment);
    expect(JSON.stringify(lines)).not.toContain(hub.token);
  });

  it("asks again when something else answers in the hub's place", async () => {
    const other = createServer((_request, response) => response.writeHead(502).end("<html>")).listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const { log, lines } = recordLog();
    const stop = new AbortController();
    const asked = options({
      log,
      signal: stop.signal,
      hub: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    });
    writeFileSync(asked.tokenFile, hub.token);
    const enrolling = enrol(asked);
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(1), 5000);
    stop.abort();
    await expect(enrolling).rejects.toThrow();
    other.close();
  });
});

describe("the agent's version", () => {
  it("is the one of the package", () => {
    expect(agentVersion).toBe(packageJson.version);
  });
});
