import { setTimeout as sleep } from "node:timers/promises";
import { Enrolment } from "#shared/api/hub.ts";
import { connect, createAgentKey, inventoryOf, readCommand, resultOf, type TestLink } from "#test/hub/test-agent.ts";
import { unlessDead } from "./unless-dead.ts";

/** A VPS that a simulated vendor has started, with what it was given. */
export interface Machine {
  readonly id: string;
  readonly userData: string;
  /** The one that it has, whatever the vendor tells. */
  readonly address: string;
  /** Whether its vendor still has it. */
  exists(): boolean;
}

export interface Machines {
  /** Does what is on a machine at its first start, until it is gone. */
  boot(machine: Machine): void;
  /** Modules that were installed more than once on one machine. */
  readonly twice: readonly string[];
  stop(): Promise<void>;
}

const PAUSE_MS = 150;
const GREETING_MS = 10_000;

/** Agents that enrol by their user data, and do at once what they are told: each command once, however often it comes. */
export function createMachines(hub: string): Machines {
  const lives = new Set<Promise<void>>();
  const twice: string[] = [];
  let isOver = false;

  const enrol = async ({ id, userData, address, exists }: Machine, publicKey: string) => {
    const token = /^\s*token='([^']+)'/m.exec(userData)?.[1] ?? "";
    while (exists() && !isOver) {
      const asked = fetch(`${hub}/api/agent/enrol`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": address, connection: "close" },
        body: JSON.stringify({ token, publicKey, agentVersion: "1.2.3", hostname: "vps", instanceId: id }),
      });
      const text = await unlessDead(asked.then((answer) => (answer.status === 200 ? answer.text() : undefined)));
      if (text !== undefined) return Enrolment.parse(JSON.parse(text));
      await sleep(PAUSE_MS);
    }
    return undefined;
  };

  const serve = async (link: TestLink, enrolment: Enrolment, journal: Map<string, string>) => {
    const tell = (id: string) => {
      const instances = [...new Set(journal.values())].map((name) => instanceOf(name, enrolment.domain));
      link.send({ type: "inventory", inventory: { ...inventoryOf(enrolment.domain), instances } });
      link.send(resultOf(id));
    };
    // A hub that died may have heard that a command was accepted, and not what came of it.
    for (const id of journal.keys()) tell(id);
    let isOpen = true;
    void link.closed.then(() => {
      isOpen = false;
    });
    while (isOpen && !isOver) {
      if (link.waiting("command") === 0) {
        await Promise.race([sleep(20), link.closed]);
        continue;
      }
      const { id, input } = readCommand(await link.take("command"), enrolment);
      const module = moduleOf(input);
      if (!journal.has(id)) {
        if ([...journal.values()].includes(module)) twice.push(`${enrolment.name}: ${module}`);
        journal.set(id, module);
      }
      link.send({ type: "accepted", command: id });
      tell(id);
    }
  };

  const live = async (machine: Machine) => {
    const key = createAgentKey();
    const enrolment = await enrol(machine, key.publicKey);
    const journal = new Map<string, string>();
    while (enrolment !== undefined && machine.exists() && !isOver) {
      const unacknowledged = [...journal.keys()];
      const greeting = unlessDead(connect(hub, { enrolment, key, unacknowledged }));
      const link = await Promise.race([greeting, sleep(GREETING_MS)]);
      // One that came too late after all would be a second link, which nobody serves.
      if (link === undefined) void greeting.then((late) => late?.terminate());
      if (link === undefined) await sleep(PAUSE_MS);
      else await serve(link, enrolment, journal).finally(() => link.terminate());
    }
  };

  return {
    twice,
    boot: (machine) => {
      const life = live(machine).finally(() => lives.delete(life));
      lives.add(life);
    },
    stop: async () => {
      isOver = true;
      await Promise.all(lives);
    },
  };
}

const moduleOf = (input: unknown) =>
  typeof input === "object" && input !== null && "module" in input ? String(input.module) : "";

const instanceOf = (module: string, domain: string) => ({
  name: module,
  module,
  version: "1.0.0",
  state: "running" as const,
  core: module !== "vaultwarden",
  title: module,
  services: [],
  urls: [`https://${module}.${domain}`],
  parameters: {},
});
