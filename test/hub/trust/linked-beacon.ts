import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openIdentity } from "#agent/identity.ts";
import { openStore } from "#agent/store/database.ts";
import { createSettings } from "#agent/store/settings.ts";
import { Enrolment } from "#shared/api/hub.ts";
import { type LinkedAgent, type LinkedAgentOptions, startLinkedAgent } from "#test/agent/linked-agent.ts";
import { until } from "../provisioning/until.ts";
import type { TestHub } from "../test-hub.ts";

/** The agent's whole talk with a real hub, over files that outlive it. */
export interface LinkedBeacon {
  readonly id: string;
  readonly keyFile: string;
  agent: LinkedAgent;
  /** Ends it without a word to the hub about why, and starts it again on the same files. */
  restart(options?: LinkedAgentOptions): Promise<void>;
  untilLinked(): Promise<void>;
  /** Changes the agent's files while it is down. */
  whileDown(change: (files: { settings: ReturnType<typeof createSettings>; keyFile: string }) => void): Promise<void>;
  stop(): Promise<void>;
}

export async function startLinkedBeacon(
  hub: TestHub,
  name: string,
  options: LinkedAgentOptions = {},
): Promise<LinkedBeacon> {
  const directory = mkdtempSync(join(tmpdir(), "wopr-linked-"));
  const keyFile = join(directory, "agent.key");
  const file = join(directory, "agent.db");
  const id = await hub.addBeacon(name, `${name}@example.org`);
  const token = await hub.issueToken(id);
  const { publicKey } = openIdentity(keyFile);
  const request = { token, publicKey: publicKey(), agentVersion: "1.2.3", hostname: name };
  const enrolment = Enrolment.parse((await hub.client().post("/api/agent/enrol", request)).body);
  const start = (more: LinkedAgentOptions = {}) =>
    startLinkedAgent({ origin: hub.url, enrolment, trust: () => undefined }, { file, keyFile, ...options, ...more });

  const beacon: LinkedBeacon = {
    id,
    keyFile,
    agent: start(),
    restart: async (more) => {
      await beacon.agent.stop();
      beacon.agent = start(more);
    },
    untilLinked: async () => {
      await until(
        async () => beacon.agent.status.view().state,
        (state) => state === "linked",
      );
    },
    whileDown: async (change) => {
      await beacon.agent.stop();
      const store = openStore(file);
      change({ settings: createSettings(store), keyFile });
      store.close();
      beacon.agent = start();
    },
    stop: async () => {
      await beacon.agent.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return beacon;
}
