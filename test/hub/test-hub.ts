import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { type Accounts, createAccounts } from "#hub/auth/accounts.ts";
import { type Auth, openAuth } from "#hub/auth/auth.ts";
import { createRateLimit } from "#hub/auth/rate-limit.ts";
import { HubConfig } from "#hub/config.ts";
import { createEnrolments } from "#hub/fleet/enrolments.ts";
import { newId } from "#hub/id.ts";
import { openKeyRing } from "#hub/key-ring.ts";
import { openSecrets } from "#hub/private-files.ts";
import { commandKeyRing } from "#hub/signer/command-keys.ts";
import { createRemoteSigner } from "#hub/signer/remote.ts";
import { createSigner } from "#hub/signer/signer.ts";
import { type Hub, type HubTools, startHub } from "#hub/start-hub.ts";
import { createAudit } from "#hub/store/audit.ts";
import { type BeaconStore, createBeaconStore } from "#hub/store/beacons.ts";
import { type CommandStore, createCommandStore } from "#hub/store/commands.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { createEnrolmentTokenStore } from "#hub/store/enrolment-tokens.ts";
import { Enrolment, Me } from "#shared/api/hub.ts";
import { type AgentKey, connect, createAgentKey, type HelloOptions, type TestLink } from "./test-agent.ts";
import { createTestClient, type TestClient } from "./test-client.ts";

export interface TestBeacon {
  readonly enrolment: Enrolment;
  readonly key: AgentKey;
  /** A link of its agent, welcomed. */
  connect(hello?: Pick<HelloOptions, "protocol" | "running" | "unacknowledged">): Promise<TestLink>;
}

/** A hub in this process with real ports, files and keys. The test sees its tables through a connection of its own. */
export interface TestHub {
  readonly url: string;
  readonly config: HubConfig;
  readonly db: Database;
  readonly beacons: BeaconStore;
  readonly commands: CommandStore;
  readonly accounts: Accounts;
  readonly auth: Auth;
  /** Moves the hub's clock. */
  advance(ms: number): void;
  now(): number;
  client(): TestClient;
  operator(): Promise<TestClient>;
  /** Signed in as the owner of that address. */
  owner(email: string): Promise<TestClient>;
  /** A beacon without an agent. */
  addBeacon(name: string, email?: string): Promise<string>;
  issueToken(beacon: string): Promise<string>;
  /** A beacon whose agent has enrolled. */
  enrolled(name: string, email?: string): Promise<TestBeacon>;
  restart(): Promise<void>;
  /** Ends the hub, and leaves its files and this connection to them. */
  halt(): Promise<void>;
  stop(): Promise<void>;
}

export const operator = { email: "operator@example.org", name: "Olga Operator", password: "correct horse battery" };

export async function startTestHub(
  settings: Partial<HubConfig> = {},
  times?: HubTools["times"],
  world: Pick<HubTools, "billing" | "vendorEndpoints" | "openResolver"> = {},
): Promise<TestHub> {
  const folder = mkdtempSync(join(tmpdir(), "wopr-hub-"));
  const config = await testConfig(folder, settings);
  const { publicUrl: url, dataDirectory } = config;
  let offset = 0;
  const now = () => Date.now() + offset;
  const log = pino({ level: config.logLevel });
  const start = () => startHub(config, { ...world, log, now, newId, times: { sweepMs: 100, ...times } });
  let hub: Hub | undefined = await start();

  const db = openDatabase(join(dataDirectory, "hub.sqlite"));
  const beacons = createBeaconStore(db, now);
  const audit = createAudit(db, now);
  const signer =
    config.signerSocket === undefined
      ? createSigner(openKeyRing(commandKeyRing(dataDirectory, now)))
      : createRemoteSigner(config.signerSocket);
  const auth = await openAuth({
    db,
    mail: { send: async () => undefined },
    audit,
    rateLimit: createRateLimit(now),
    origin: url,
    secret: openSecrets(dataDirectory).session,
    onPasswordReset: async () => undefined,
    newId,
    log,
  });
  const accounts = createAccounts(auth, url, now);
  const enrolments = createEnrolments({
    tokens: createEnrolmentTokenStore(db, now),
    beacons,
    signer,
    now,
    onEnrolled: () => undefined,
    onRefused: () => undefined,
  });
  let operatorClient: TestClient | undefined;

  const client = () => createTestClient(url);
  const addBeacon: TestHub["addBeacon"] = async (name, email = "owner@example.org") => {
    const id = newId("bcn");
    const domain = `${name}.${config.zone}`;
    await beacons.insert({ id, name, domain, email, provider: "local", createdAt: now() });
    return id;
  };

  return {
    url,
    config,
    db,
    beacons,
    commands: createCommandStore(db),
    accounts,
    auth,
    now,
    advance: (ms) => {
      offset += ms;
    },
    client,
    operator: async () => {
      if (operatorClient !== undefined) return operatorClient;
      operatorClient = client();
      const code = readFileSync(join(dataDirectory, "setup-code"), "utf8");
      const { status, body } = await operatorClient.post("/api/setup", { code, ...operator });
      if (status !== 201) throw new Error(`set-up failed: ${JSON.stringify(body)}`);
      return operatorClient;
    },
    owner: async (email) => {
      const owner = client();
      await accounts.ensureOwner(email);
      await owner.get((await accounts.invitation(email)).slice(url.length));
      Me.parse((await owner.get("/api/me")).body);
      return owner;
    },
    addBeacon,
    issueToken: enrolments.issue,
    enrolled: async (name, email) => {
      const token = await enrolments.issue(await addBeacon(name, email));
      const key = createAgentKey();
      const request = { token, publicKey: key.publicKey, agentVersion: "1.2.3", hostname: name };
      const enrolment = Enrolment.parse((await client().post("/api/agent/enrol", request)).body);
      return { enrolment, key, connect: (hello) => connect(url, { enrolment, key, ...hello }) };
    },
    restart: async () => {
      await hub?.stop();
      hub = await start();
    },
    halt: async () => {
      await hub?.stop();
      hub = undefined;
    },
    stop: async () => {
      await db.destroy();
      await hub?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Settings of a hub whose files are all in `folder`. */
export async function testConfig(folder: string, settings: Partial<HubConfig> = {}): Promise<HubConfig> {
  const modulesDirectory = join(folder, "modules");
  mkdirSync(join(modulesDirectory, "page"), { recursive: true });
  writeFileSync(join(modulesDirectory, "page", "module.yaml"), manifest);
  writeFileSync(join(modulesDirectory, "page", "compose.yaml"), compose);
  const port = await freePort();
  return HubConfig.parse({
    listen: { host: "127.0.0.1", port },
    publicUrl: `http://127.0.0.1:${port}`,
    dataDirectory: join(folder, "data"),
    zone: "localhost",
    modulesDirectory,
    consoleDirectory: join(folder, "console"),
    mail: { kind: "smtp", host: "127.0.0.1", port: 9, from: "hub@example.org" },
    providers: {
      local: {
        root: join(folder, "vps"),
        portRange: { from: 30_000, to: 30_010 },
        modulesDirectory,
        agentCommand: ["/bin/false"],
      },
    },
    logLevel: "silent",
    ...settings,
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const manifest = `id: page
version: 1.0.0
title: A page
category: productivity
summary: Shows one page.
description: Shows one page, for tests.
replaces: []
addonCentsPerMonth: 0
resources: { memoryMb: 16, cpus: 0.1, diskMb: 1 }
routes: [{ service: web, port: 80 }]
sources: ["https://example.org/"]
`;

const compose = `services:
  web:
    image: docker.io/library/caddy:2
`;
