import type { Dns } from "#hub/dns/dns.ts";
import { newId } from "#hub/id.ts";
import { createMailQueue } from "#hub/mail/mail-queue.ts";
import { createPrecedence } from "#hub/precedence.ts";
import type { Offer } from "#hub/providers/choose-provider.ts";
import { createProviderMarket } from "#hub/providers/market.ts";
import type { Provider, Vps, VpsOrder } from "#hub/providers/provider.ts";
import type { ModuleFacts } from "#hub/provisioning/module-facts.ts";
import { createProvisioning, type Provisioning, type ProvisioningParts } from "#hub/provisioning/provisioning.ts";
import type { StateContext } from "#hub/provisioning/state.ts";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { openDatabase } from "#hub/store/database.ts";
import { createDocumentStore } from "#hub/store/documents.ts";
import { createJobStore } from "#hub/store/jobs.ts";
import { createMailStore } from "#hub/store/mails.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createProviderChoices } from "#hub/store/provider-choices.ts";
import type { Mail, Mailer } from "#mail/mailer.ts";
import type { CommandView } from "#shared/api/beacon.ts";
import type { JobView } from "#shared/api/hub.ts";
import type { Problem, ProblemBody } from "#shared/problem.ts";
import { inventoryOf } from "./inventory.ts";
import { type Death, mortality } from "./mortal.ts";

const facts = (id: string, category: ModuleFacts["category"]): [string, ModuleFacts] => [
  id,
  { id, title: id, category, summary: `What ${id} does.`, signOn: "none" },
];

const modules = new Map([
  ...[facts("caddy", "core"), facts("postgresql", "core"), facts("redis", "core")],
  ...[facts("vaultwarden", "security"), facts("umami", "analytics")],
]);

/** What a test changes in the world around the hub. Each is asked at the moment it matters. */
export interface WorldOptions {
  /** Who gets orders; `simulated` alone when absent. */
  readonly offers?: () => readonly Offer[];
  /** Thrown by a provider instead of making a VPS. */
  readonly createProblem?: (provider: string) => Problem | undefined;
  /** Thrown by a provider that has made one: its answer was lost. */
  readonly answerProblem?: (provider: string) => Problem | undefined;
  readonly findProblem?: (provider: string) => Problem | undefined;
  readonly removeProblem?: () => Problem | undefined;
  readonly dnsProblem?: () => Problem | undefined;
  readonly mailProblem?: () => Problem | undefined;
  /** How the installation of a module ends; `undefined` for well, `"never"` for not at all. */
  readonly installProblem?: (module: string) => Problem | "never" | undefined;
  /** Why an agent was refused that came with the token. */
  readonly refusal?: () => ProblemBody | undefined;
  /** Whether the agent on a new VPS ever reports. */
  readonly reports?: () => boolean;
  readonly paid?: () => boolean;
  /** Who is told by mail; nobody when absent. */
  readonly operators?: readonly string[];
  readonly publicUrl?: string;
  /** `localhost` when absent, where every name leads to this machine. */
  readonly zone?: string;
  readonly dns?: Dns;
  /** Of every VPS. */
  readonly addresses?: Pick<Vps, "address" | "address6">;
  readonly silenceMs?: number;
  readonly concurrency?: number;
}

/** Everything that is there whether a hub runs or not: the database, VPSs with their agents, mailboxes. */
export async function createWorld(options: WorldOptions = {}) {
  const db = openDatabase(":memory:");
  await migrate(db);
  const now = Date.now;
  const beacons = createBeaconStore(db, now);
  const vpss = new Map<string, Vps & { readonly provider: string }>();
  const commands = new Map<string, CommandView & { readonly beacon: string }>();
  const tokens = new Map<string, string>();
  /** Beacons that ever had a token. */
  const issued = new Set<string>();
  const online = new Set<string>();
  /** Beacons of which the provider has told which server is theirs. */
  const told = new Set<string>();
  const count = { created: 0, sent: 0, issued: 0 };
  const takenBack: string[] = [];
  const deliveries: Mail[] = [];
  const published: JobView[] = [];
  const errors: unknown[] = [];
  let hub: Provisioning | undefined;

  /** The agent of a new VPS, which trades its token for an identity and connects. */
  const report = async (beacon: string, token: string) => {
    if (tokens.get(beacon) !== token || !(options.reports?.() ?? true)) return;
    // Who is not expected yet asks again.
    if (!told.has(beacon)) {
      setTimeout(() => void report(beacon, token), 5);
      return;
    }
    tokens.delete(beacon);
    await beacons.update(beacon, { enrolledAt: now(), publicKey: "key" });
    online.add(beacon);
    await hub?.wake(beacon);
  };

  const orders: (VpsOrder & { readonly provider: string })[] = [];
  const providerOf = (name: string): Provider => ({
    name,
    title: `Provider ${name}`,
    tells: [],
    create: async (order) => {
      const { labels, bootstrap } = order;
      orders.push({ ...order, provider: name });
      const problem = options.createProblem?.(name);
      if (problem !== undefined) throw problem;
      // A careless provider: asked twice, it makes two.
      const id = `vps-${++count.created}`;
      const addresses = options.addresses ?? { address: "127.0.0.1" };
      const vps: Vps = { id, labels, status: "active", ...addresses, dialsFrom: undefined, log: "its console" };
      vpss.set(id, { ...vps, provider: name });
      setImmediate(() => void report(labels["wopr-beacon"], bootstrap.enrolmentToken));
      const lost = options.answerProblem?.(name);
      if (lost !== undefined) throw lost;
      return vps;
    },
    find: async (labels) => {
      const problem = options.findProblem?.(name);
      if (problem !== undefined) throw problem;
      const here = [...vpss.values()].filter(({ provider }) => provider === name);
      return here.find((vps) => vps.labels["wopr-beacon"] === labels["wopr-beacon"]);
    },
    get: async (id) => vpss.get(id),
    list: async () => [...vpss.values()].filter(({ provider }) => provider === name),
    power: async () => undefined,
    resize: async () => undefined,
    sizes: async () => [],
    regions: async () => [{ name: `${name}-1`, title: "Somewhere" }],
    remove: async (id) => {
      const problem = options.removeProblem?.();
      if (problem !== undefined) throw problem;
      vpss.delete(id);
    },
  });

  const names = new Set<string>();
  const dns: StateContext["dns"] = {
    name: "simulated",
    title: "Simulated DNS",
    ensure: async (domain) => void names.add(domain),
    verify: async () => {
      const problem = options.dnsProblem?.();
      if (problem !== undefined) throw problem;
    },
    remove: async (domain) => void names.delete(domain),
  };

  /** The agent carries a command out a moment after it was sent. */
  const carryOut = async (id: string) => {
    const command = commands.get(id);
    const module = String(command?.input.module);
    const problem = options.installProblem?.(module);
    if (command === undefined || problem === "never") return;
    const state = problem === undefined ? "done" : "failed";
    commands.set(id, {
      ...command,
      state,
      finishedAt: now(),
      ...(problem === undefined ? {} : { problem: problem.toJSON() }),
    });
    const installed = [...commands.values()].filter((one) => one.state === "done" && one.beacon === command.beacon);
    const inventory = inventoryOf(
      installed.map((one) => String(one.input.module)),
      modules,
    );
    await beacons.update(command.beacon, { inventory });
    await hub?.wake(command.beacon);
  };
  const dispatch: StateContext["dispatch"] = {
    send: async ({ id, beacon, name, input, actor }) => {
      const known = commands.get(id);
      if (known !== undefined) return known;
      count.sent++;
      const command = { id, beacon, name, input, actor, state: "sent", createdAt: now() } as const;
      commands.set(id, command);
      setImmediate(() => void carryOut(id));
      return command;
    },
    get: async (id) => commands.get(id),
  };

  const mailer: Mailer = {
    name: "recording",
    title: "Recording mailer",
    send: async (mail) => {
      const problem = options.mailProblem?.();
      if (problem !== undefined) throw problem;
      deliveries.push(mail);
    },
  };

  /** Starts a hub over this world. Only the newest one is told what happens. */
  const boot = (death?: Death) => {
    const { mortal, ...life } = mortality(death);
    const documents = mortal("documents", createDocumentStore(db));
    const mails = createMailQueue({
      mails: mortal("mails", createMailStore(db)),
      documents,
      mailer: mortal("mailer", mailer),
      now,
      onProblem: () => undefined,
    });
    const parts: ProvisioningParts = {
      now,
      precedence: createPrecedence(now),
      publicUrl: options.publicUrl ?? "http://127.0.0.1:7300",
      zone: options.zone ?? "localhost",
      deliverWithinHours: 24,
      silenceMs: options.silenceMs ?? 60_000,
      concurrency: options.concurrency,
      market: {
        ...createProviderMarket({
          kinds: [],
          choices: mortal("choices", createProviderChoices(db)),
          accounts: {
            offers: async () => [...(options.offers?.() ?? [{ provider: "simulated", weight: 1 }])],
            configured: async () => [],
            open: async (name) => mortal("provider", providerOf(name)),
          },
        }),
        sizeOf: (provider, tier) => `${provider}-${tier}`,
      },
      userData: async () => ({ cloudConfig: "#cloud-config\n{}\n", script: "#!/bin/bash\n" }),
      dns: mortal("dns", options.dns ?? dns),
      mails,
      documents,
      beacons: mortal("beacons", beacons),
      billing: {
        isPaid: async () => options.paid?.() ?? true,
        takeBack: async (purchase) => void takenBack.push(purchase),
      },
      accounts: mortal("accounts", {
        operators: async () => [...(options.operators ?? [])],
        ensureOwner: async (email: string) => ({ id: `user-of-${email}` }),
        invitation: async (email: string) => `http://127.0.0.1:7300/welcome?for=${email}`,
      }),
      enrolments: mortal("enrolments", {
        expect: async (beacon: string) => void told.add(beacon),
        refusal: async () => options.refusal?.(),
        wasIssued: async (beacon: string) => issued.has(beacon),
        issue: async (beacon: string) => {
          const token = `token-${++count.issued}`;
          tokens.set(beacon, token);
          issued.add(beacon);
          return token;
        },
      }),
      links: { isOnline: (beacon) => online.has(beacon) },
      dispatch: mortal("dispatch", dispatch),
      modules: () => modules,
      jobs: mortal("jobs", createJobStore(db)),
      live: { publish: (_topic, event) => void ("purchase" in event && published.push(event)), isHeard: () => true },
      newId,
      onError: (error) => errors.push(error),
    };
    const provisioning = createProvisioning(parts);
    hub = provisioning;
    return {
      ...life,
      provisioning,
      start: () => {
        mails.start();
        provisioning.start();
      },
      stop: async () => {
        await provisioning.stop();
        await mails.stop();
      },
    };
  };

  return { db, beacons, vpss, orders, commands, count, names, takenBack, deliveries, published, errors, online, boot };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
