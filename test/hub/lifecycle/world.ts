import { newId } from "#hub/id.ts";
import type { LifecycleContext } from "#hub/lifecycle/change.ts";
import { createLifecycle, type Lifecycle, type LifecycleParts } from "#hub/lifecycle/lifecycle.ts";
import { createMailQueue } from "#hub/mail/mail-queue.ts";
import type { Provider, Vps } from "#hub/providers/provider.ts";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { openDatabase } from "#hub/store/database.ts";
import { createDocumentStore } from "#hub/store/documents.ts";
import { createLifecycleJobStore } from "#hub/store/lifecycle-jobs.ts";
import { createMailStore } from "#hub/store/mails.ts";
import { migrate } from "#hub/store/migrate.ts";
import type { CommandView } from "#shared/api/beacon.ts";
import type { LifecycleChange, LifecycleJobView } from "#shared/api/lifecycle.ts";
import type { ProviderLack } from "#shared/api/providers.ts";
import { Problem } from "#shared/problem.ts";
import { inventoryOf } from "#test/hub/provisioning/inventory.ts";
import { type Death, mortality } from "#test/hub/provisioning/mortal.ts";
import { until } from "#test/hub/provisioning/until.ts";

export const BEACON = "beacon_ada00000";
const facts = (id: string, category: "core" | "security") =>
  [id, { id, title: id, category, summary: id, signOn: "none" }] as const;
const modules = new Map([
  ...[facts("caddy", "core"), facts("postgresql", "core"), facts("redis", "core")],
  ...[facts("vaultwarden", "security"), facts("umami", "security")],
]);

/** What a test changes in the world around the hub. Each is asked at the moment it matters. */
export interface WorldOptions {
  readonly problemOf?: (call: "create" | "remove" | "resize" | "dns" | "end") => Problem | undefined;
  /** Whether agents on new servers report. */
  readonly reports?: () => boolean;
  /** Whether the agent answers after its server was switched off and on. */
  readonly comesBack?: () => boolean;
  readonly lacks?: readonly ProviderLack[];
  readonly size?: string;
  readonly silenceMs?: number;
}

/** Everything that is there whether a hub runs or not: the books, one beacon with its server and agent, names, mailboxes. */
export async function createWorld(options: WorldOptions = {}) {
  const db = openDatabase(":memory:");
  await migrate(db);
  const now = Date.now;
  const beacons = createBeaconStore(db, now);
  const commands = new Map<string, CommandView & { readonly beacon: string }>();
  const online = new Set([BEACON]);
  const names = new Map([["ada.localhost", "192.0.2.1"]]);
  const count = { created: 0, issued: 0, resized: 0, ended: 0 };
  /** Apps on the server that the agent of the beacon runs on, and whether they run. */
  const apps = new Map(["caddy", "postgresql", "redis", "vaultwarden"].map((id) => [id, "running"]));
  const signedOut: string[] = [];
  const bills: string[] = [];
  const errors: unknown[] = [];
  let token: string | undefined;
  let isTold = false;
  let hub: Lifecycle | undefined;
  const wake = async () => hub?.wake(BEACON);

  const vpss = new Map<string, Vps>();
  const vpsOf = (id: string, round: string, address: string): Vps => ({
    ...{ id, address, status: "active", size: options.size ?? "small", region: "here", log: "its console" },
    labels: { "wopr-beacon": BEACON, "wopr-round": round },
    dialsFrom: [address],
  });
  vpss.set("vps-1", vpsOf("vps-1", "0", "192.0.2.1"));

  await beacons.insert({
    ...{ id: BEACON, name: "ada", domain: "ada.localhost", email: "ada@example.org", owner: "user-of-ada@example.org" },
    ...{ provider: "simulated", createdAt: 1 },
  });
  const report = () => beacons.update(BEACON, { inventory: inventoryOf([...apps.keys()], modules) });
  await beacons.update(BEACON, { providerId: "vps-1", address: "192.0.2.1", publicKey: "key-of-vps-1", enrolledAt: 2 });
  await report();

  /** The agent of a new server, with nothing on it, which trades its token for an identity and connects. */
  const enrol = async (vps: string, shown: string) => {
    if (token !== shown || !(options.reports?.() ?? true)) return;
    if (!isTold) {
      setTimeout(() => void enrol(vps, shown), 5);
      return;
    }
    token = undefined;
    apps.clear();
    await beacons.update(BEACON, { publicKey: `key-of-${vps}`, enrolledAt: now() });
    await report();
    await wake();
  };

  const raise = (problem: Problem | undefined) => {
    if (problem !== undefined) throw problem;
  };
  const provider: Provider = {
    name: "simulated",
    title: "Simulated provider",
    tells: ["instanceId"],
    create: async ({ labels, bootstrap }) => {
      raise(options.problemOf?.("create"));
      // A careless provider: asked twice, it makes two.
      const id = `vps-${++count.created + 1}`;
      const vps = vpsOf(id, labels["wopr-round"], `192.0.2.${count.created + 1}`);
      vpss.set(id, vps);
      setImmediate(() => void enrol(id, bootstrap.enrolmentToken));
      return vps;
    },
    find: async (labels) =>
      [...vpss.values()].findLast(
        (vps) =>
          vps.labels["wopr-beacon"] === labels["wopr-beacon"] &&
          (labels["wopr-round"] === undefined || labels["wopr-round"] === vps.labels["wopr-round"]),
      ),
    get: async (id) => vpss.get(id),
    list: async () => [...vpss.values()],
    power: async () => undefined,
    resize: async (id, size) => {
      raise(options.problemOf?.("resize"));
      const vps = vpss.get(id);
      if (vps === undefined) throw new Problem("not_found", `there is no ${id}`);
      if (vps.size !== size) count.resized++;
      vpss.set(id, { ...vps, size });
      if (!(options.comesBack?.() ?? true)) online.delete(BEACON);
    },
    sizes: async () => [],
    regions: async () => [],
    remove: async (id) => {
      raise(options.problemOf?.("remove"));
      vpss.delete(id);
    },
  };

  const market: LifecycleContext["market"] = {
    open: async () => provider,
    sizeOf: (_name, tier) => ({ t1: "small", t2: "medium", t3: "large" })[tier],
    lacks: () => options.lacks ?? [],
  };

  const dns: LifecycleContext["dns"] = {
    name: "simulated",
    title: "Simulated DNS",
    ensure: async (domain, [address = ""]) => void names.set(domain, address),
    verify: async () => raise(options.problemOf?.("dns")),
    remove: async (domain) => {
      raise(options.problemOf?.("dns"));
      names.delete(domain);
    },
  };

  /** What an agent does to its apps. */
  const obey: Record<string, (input: Record<string, unknown>) => void> = {
    "beacon.suspend": () => {
      for (const [app, state] of apps) if (modules.get(app)?.category !== "core") apps.set(app, `was ${state}`);
    },
    "beacon.resume": () => {
      for (const [app, state] of apps) apps.set(app, state.replaceAll("was ", ""));
    },
    "module.install": ({ instance, module }) => void apps.set(String(instance ?? module), "running"),
    "module.remove": ({ instance }) => void apps.delete(String(instance)),
  };
  const carryOut = async (id: string) => {
    const command = commands.get(id);
    if (command === undefined || command.state !== "sent" || !online.has(BEACON)) return;
    obey[command.name]?.(command.input);
    commands.set(id, { ...command, state: "done", acceptedAt: now(), finishedAt: now() });
    await report();
    await wake();
  };
  const dispatch: LifecycleContext["dispatch"] = {
    send: async ({ id, beacon, name, input, actor }) => {
      const known = commands.get(id);
      if (known !== undefined) return known;
      const command = { id, beacon, name, input, actor, state: "sent", createdAt: now() } as const;
      commands.set(id, command);
      setImmediate(() => void carryOut(id));
      return command;
    },
    get: async (id) => commands.get(id),
    cancel: async (id) => {
      const command = commands.get(id);
      if (command?.state === "sent") commands.set(id, { ...command, state: "cancelled", finishedAt: now() });
    },
  };

  /** Starts a hub over this world. Only the newest one is told what happens. */
  const boot = (death?: Death) => {
    const { mortal, ...life } = mortality(death);
    const mails = createMailQueue({
      mails: mortal("mails", createMailStore(db)),
      documents: createDocumentStore(db),
      mailer: { name: "recording", title: "Recording mailer", send: async () => undefined },
      now,
      onProblem: () => undefined,
    });
    const people = mortal("people", { revoke: async (person: string) => void signedOut.push(person) });
    const subscribed = {
      end: async () => {
        raise(options.problemOf?.("end"));
        count.ended++;
      },
      handOver: async (_beacon: string, email: string) => {
        bills.push(email);
        return `Bills go to ${email}.`;
      },
    };
    const parts: LifecycleParts = {
      ...{ now, publicUrl: "http://127.0.0.1:7300", silenceMs: options.silenceMs ?? 60_000 },
      userData: async () => ({ cloudConfig: "#cloud-config\n{}\n", script: "#!/bin/bash\n" }),
      accounts: mortal("accounts", {
        ensureOwner: async (email: string) => ({ id: `user-of-${email}` }),
        invitation: async (email: string) => `http://127.0.0.1:7300/welcome?for=${email}`,
      }),
      beacons: mortal("beacons", beacons),
      fleet: mortal("fleet", { remove: beacons.remove, announce: () => undefined }),
      market: { ...market, open: async () => mortal("provider", provider) },
      links: {
        isOnline: (beacon) => online.has(beacon),
        answers: async (beacon) => online.has(beacon),
      },
      dns: mortal("dns", dns),
      mails,
      enrolments: mortal("enrolments", {
        expect: async () => {
          isTold = true;
        },
        refusal: async () => undefined,
        issue: async () => {
          token = `token-${++count.issued}`;
          isTold = false;
          return token;
        },
      }),
      dispatch: mortal("dispatch", dispatch),
      endSessions: (person) => people.revoke(person),
      subscribed: mortal("subscribed", subscribed),
      jobs: mortal("jobs", createLifecycleJobStore(db)),
      live: { publish: () => undefined },
      onError: (error) => errors.push(error),
    };
    const lifecycle = createLifecycle(parts);
    hub = lifecycle;
    return { ...life, lifecycle, start: lifecycle.start, stop: lifecycle.stop };
  };

  return {
    db,
    beacons,
    vpss,
    commands,
    count,
    names,
    apps,
    signedOut,
    bills,
    errors,
    online,
    market,
    boot,
    wake,
    carryOut,
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

export const ask = (lifecycle: Lifecycle, change: LifecycleChange, id = newId("lifecycle")) =>
  lifecycle.request({ id, beacon: BEACON, change, actor: "op@example.org" });

/** Waits until a job is as wanted. */
export const untilJob = async (
  lifecycle: Lifecycle,
  id: string,
  holds: (job: LifecycleJobView) => boolean,
): Promise<LifecycleJobView> => {
  const job = await until(
    () => lifecycle.job(id),
    (seen) => seen !== undefined && holds(seen),
  );
  if (job === undefined) throw new Error(`no job ${id}`);
  return job;
};

export const isFinished = (job: LifecycleJobView) => job.finishedAt !== undefined;
