import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTokenKeys } from "#hub/auth/token-keys.ts";
import { type HubConfig, readConfig } from "#hub/config.ts";
import { openKeyRing } from "#hub/key-ring.ts";
import { openSecrets } from "#hub/private-files.ts";
import { commandKeyRing } from "#hub/signer/command-keys.ts";
import { spawnHub, startChildHub } from "./child-hub.ts";
import { testConfig } from "./test-hub.ts";
import { threadsOf } from "./threads-of.ts";

let folder: string;
let config: HubConfig;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wopr-hub-"));
  config = await testConfig(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ending = async (settings: HubConfig) => {
  const child = spawnHub(settings);
  const [stderr] = await Promise.all([text(child.stderr), text(child.stdout), once(child, "exit")]);
  return { code: child.exitCode, stderr };
};

describe("the hub does not start, and says why in one line, when", () => {
  it("its port is taken", async () => {
    const server = createServer().listen(config.listen.port, "127.0.0.1");
    await once(server, "listening");
    const { code, stderr } = await ending(config);
    server.close();
    expect(code).toBe(1);
    expect(stderr.trim()).toBe(
      `port ${config.listen.port} on 127.0.0.1 is taken by another program. Stop it, or set another listen.port in the configuration.`,
    );
  });

  it("a setting of its provider is wrong", async () => {
    const { code, stderr } = await ending({ ...config, providers: { local: { root: "relative" } } });
    expect([code, stderr.trim().split("\n")]).toEqual([1, [expect.stringMatching(/provider local.*root.*portRange/)]]);
  });

  it("a module is wrong", async () => {
    const modulesDirectory = join(folder, "broken");
    const module = join(modulesDirectory, "page");
    mkdirSync(module, { recursive: true });
    writeFileSync(join(module, "module.yaml"), "id: page\ntitle: 5\n");
    writeFileSync(join(module, "compose.yaml"), "services: {}\n");
    const { code, stderr } = await ending({ ...config, modulesDirectory });
    expect([code, stderr]).toEqual([1, expect.stringContaining("module.yaml")]);
  });
});

describe("the configuration", () => {
  const read = (value: unknown) => {
    const file = join(folder, "some.json");
    writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
    return () => readConfig(file);
  };

  it("fills in what is usual", () => {
    const { listen, publicUrl, dataDirectory, zone, modulesDirectory, mail } = config;
    const short = {
      listen: { port: listen.port },
      publicUrl: `${publicUrl}/`,
      dataDirectory,
      zone,
      modulesDirectory,
      mail,
    };
    expect(read(short)()).toMatchObject({
      listen: { host: "127.0.0.1" },
      publicUrl,
      billing: "none",
      commandTtlMs: 86_400_000,
      logLevel: "info",
    });
  });

  it("names the file and each wrong setting", () => {
    expect(read({ ...config, zone: "NO", port: 5 })).toThrow(/some\.json is not valid: zone: .*port/);
    expect(read("{")).toThrow(/some\.json cannot be read as JSON/);
    expect(() => readConfig(join(folder, "missing.json"))).toThrow(/missing\.json cannot be read/);
  });
});

const openKeys = (directory: string) => ({
  command: openKeyRing(commandKeyRing(directory, Date.now)).active(),
  jwt: openTokenKeys(directory, Date.now).active(),
  ...openSecrets(directory),
});

describe("the keys", () => {
  it("are made once, for the hub's user alone, each for its own use", () => {
    const first = openKeys(folder);
    const second = openKeys(folder);
    expect(second.command.id).toBe(first.command.id);
    expect(second.jwt.publicKey).toBe(first.jwt.publicKey);
    expect(second.session).toBe(first.session);
    expect(first.command.publicKey).not.toBe(first.jwt.publicKey);
    for (const file of ["command-key.json", "jwt-key.json", "session-secret"]) {
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    }
  });

  it("are never replaced when they are broken", () => {
    const file = join(folder, "command-key.json");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before.slice(0, 20));
    expect(() => openKeys(folder)).toThrow(/command-key\.json does not hold a key/);
    expect(readFileSync(file, "utf8")).toBe(before.slice(0, 20));
    writeFileSync(file, before);
  });
});

it("says that it is up, and nothing secret", async () => {
  const hub = await startChildHub(config);
  const code = readFileSync(join(config.dataDirectory, "setup-code"), "utf8");
  expect(code).toMatch(/^\S{20,}$/);
  expect(hub.output()).toContain(join(config.dataDirectory, "setup-code"));
  expect(hub.output()).not.toContain(code);
  const collectors = threadsOf(hub.pid).filter(({ name }) => name === "V8Worker");
  expect(new Set(collectors.map(({ niceness }) => niceness))).toEqual(new Set([Math.min(getPriority() + 10, 19)]));
  expect(await hub.terminate()).toBe(0);
});
