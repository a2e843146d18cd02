import type { AlertsView, SilenceInput } from "#shared/api/alerts.ts";
import type {
  BeaconEventName,
  BeaconOverview,
  CommandDetail,
  CommandRequest,
  CommandView,
  HubLink,
  LogLine,
  Plan,
} from "#shared/api/beacon.ts";
import type { HostCertificate } from "#shared/certificates.ts";
import type { InstanceState, InstanceStatus } from "#shared/inventory.ts";
import { Problem } from "#shared/problem.ts";
import { fixtureModules } from "./fixture-modules.ts";
import { FixtureTopic } from "./fixture-topic.ts";

const GB = 1024 ** 3;

export interface FixtureBeaconOptions {
  readonly id: string;
  readonly name: string;
  readonly apps: Readonly<Record<string, InstanceState>>;
  readonly online?: boolean;
  readonly provider?: string;
  /** Root certificate, where it signs its own certificates. */
  readonly certificate?: string;
  /** How long each step of a command takes. */
  readonly stepMs: number;
}

/** A beacon in memory: it plans, carries out commands step by step, and tells what happens. */
export class FixtureBeacon {
  readonly id: string;
  readonly events = new FixtureTopic<{ event: BeaconEventName; data: unknown }>();
  readonly logs = new FixtureTopic<LogLine>();
  readonly commands: CommandView[] = [];
  alerts: AlertsView = { firing: [], history: [], silences: [] };
  readonly instances: InstanceStatus[];
  certificates: HostCertificate[] = [];
  /** What the next command ends with, when it is to fail. */
  failNext: Problem | undefined;
  /** Why measurements cannot be read, while they cannot. */
  metricsProblem: Problem | undefined;
  /** While true, running commands stay in their first step. */
  paused = false;
  online: boolean;
  readonly name: string;
  readonly provider: string;
  readonly #stepMs: number;
  readonly #certificate: string | undefined;
  #commands = 0;

  constructor({ id, name, apps, online = true, provider = "local", certificate, stepMs }: FixtureBeaconOptions) {
    this.id = id;
    this.name = name;
    this.provider = provider;
    this.online = online;
    this.#stepMs = stepMs;
    this.#certificate = certificate;
    this.instances = [
      ...["caddy", "postgresql", "redis"].map((module) => this.#instance(module, module, "running")),
      ...Object.entries(apps).map(([instance, state]) => this.#instance(instance, instance, state)),
    ];
  }

  hubLink: HubLink | undefined;

  overview(): BeaconOverview {
    const now = Date.now();
    return {
      id: this.id,
      name: this.name,
      domain: `${this.name}.beacons.example`,
      online: this.online,
      lastSeenAt: this.online ? now - 2_000 : now - 3 * 3_600_000,
      ...(this.hubLink === undefined ? {} : { hubLink: this.hubLink }),
      agentVersion: "0.1.0",
      inventory: {
        at: now,
        agentVersion: "0.1.0",
        host: {
          hostname: `${this.name}-1`,
          system: "Debian GNU/Linux 12",
          kernel: "6.1.0-28",
          architecture: "x64",
          cpuModel: "AMD EPYC 7763",
          cores: 4,
          memoryBytes: 7.75 * GB,
          diskBytes: 80 * GB,
          dockerVersion: "27.3.1",
        },
        domain: `${this.name}.beacons.example`,
        instances: this.instances,
        dashboardUrl: `https://${this.name}.beacons.example`,
        certificates: this.certificates,
        ...(this.#certificate === undefined ? {} : { caCertificate: this.#certificate }),
      },
    };
  }

  /** @throws {Problem} as a beacon would */
  plan({ name, input }: CommandRequest): Plan {
    const instance = String(input.instance ?? input.module);
    if (name === "module.install") {
      const module = fixtureModules.find(({ id }) => id === input.module);
      if (module === undefined) throw new Problem("module_unknown", `this beacon does not know a module ${instance}`);
      if (module.memoryMb > 1200) {
        throw new Problem("out_of_memory", `${module.title} needs ${module.memoryMb} MB, and 870 MB are free`, {
          hint: "Stop or remove an app, or move to a larger server.",
        });
      }
      return {
        steps: [
          { kind: "image.pull", title: `Pull image docker.io/${module.id}/server:1.32.0` },
          { kind: "network.create", title: `Create network ${instance}/default` },
          { kind: "volume.create", title: `Create volume ${instance}/data` },
          { kind: "secret.create", title: `Make secret admin_token of ${instance}` },
          { kind: "container.create", title: `Create container ${instance}-server` },
          { kind: "container.start", title: `Start ${instance}-server` },
          { kind: "container.healthy", title: `Wait until ${instance}-server is healthy` },
          { kind: "routes.put", title: `Serve ${instance}.${this.name}.beacons.example/` },
          { kind: "instance.put", title: `Record ${instance} as running` },
        ],
      };
    }
    if (name === "module.remove") {
      if (input.data === "delete" && input.confirm !== instance) {
        throw new Problem("invalid_input", "confirm: expected the name of the instance");
      }
      return {
        steps: [
          { kind: "routes.remove", title: `Stop serving ${instance}` },
          { kind: "container.stop", title: `Stop ${instance}-server` },
          { kind: "container.remove", title: `Remove container ${instance}-server` },
          ...(input.data === "delete"
            ? [{ kind: "volume.remove", title: `Delete volume ${instance}/data and the data in it` }]
            : []),
          { kind: "instance.remove", title: `Forget ${instance}` },
        ],
      };
    }
    if (name === "module.update") {
      return {
        steps: [
          { kind: "image.pull", title: `Pull image docker.io/${instance}/server:1.33.0` },
          { kind: "container.create", title: `Create container ${instance}-server` },
          { kind: "instance.put", title: `Record ${instance} as running` },
        ],
        changes: [
          { container: `${instance}/server`, verdict: "recreate", reason: "image server:1.32.0 → server:1.33.0" },
        ],
        notes: [`${instance} goes from version 1.0.0 to ${String(input.version)}.`],
      };
    }
    if (name === "module.rotate-secrets") {
      return {
        steps: [
          { kind: "secret.create", title: `Make secret admin_token@2 of ${instance}` },
          { kind: "container.create", title: `Create container ${instance}-server` },
          { kind: "instance.put", title: `Record ${instance} as running` },
        ],
        changes: [{ container: `${instance}/server`, verdict: "recreate", reason: "environment ADMIN_TOKEN" }],
        notes: ["sealing_key stays: the app takes no other one after its first start."],
      };
    }
    if (name === "module.configure" || name === "module.restart") {
      return {
        steps: [
          { kind: "container.stop", title: `Stop ${instance}-server` },
          { kind: "container.start", title: `Start ${instance}-server` },
          { kind: "instance.put", title: `Record ${instance} as running` },
        ],
      };
    }
    const verb = name === "module.start" ? "start" : "stop";
    return {
      steps: [{ kind: `container.${verb}`, title: `${verb === "start" ? "Start" : "Stop"} ${instance}-server` }],
    };
  }

  submit(request: CommandRequest, actor: string): CommandView {
    const { steps } = this.plan(request);
    const id = `cmd_${this.name}-0000-${String(++this.#commands).padStart(4, "0")}`;
    const command: CommandView = { id, ...request, actor, state: "queued", createdAt: Date.now() };
    this.#put(command);
    void this.#run(command, steps);
    return command;
  }

  command(id: string): CommandDetail {
    const command = this.commands.find((known) => known.id === id);
    if (command === undefined) throw new Problem("not_found", `there is no command ${id}`);
    const { createdAt, startedAt = createdAt, finishedAt, state, actor, problem } = command;
    return {
      ...command,
      history: [
        { at: createdAt, state: "queued", actor },
        { at: startedAt, state: "running", actor: "agent", saidAt: startedAt + 3_600_000 },
        ...(finishedAt === undefined ? [] : [{ at: finishedAt, state, actor: "agent", why: problem?.message ?? "" }]),
      ],
    };
  }

  cancel(id: string): CommandView {
    const command = this.command(id);
    return this.#put({ ...command, state: "cancelled", finishedAt: Date.now() });
  }

  setState(name: string, state: InstanceState) {
    const at = this.instances.findIndex((instance) => instance.name === name);
    const known = this.instances[at];
    if (known !== undefined) this.instances[at] = { ...this.#instance(known.module, name, state) };
    this.#tellOverview();
  }

  /** From now on this is wrong, or was. */
  setAlerts(alerts: Omit<AlertsView, "silences">) {
    this.alerts = { ...alerts, silences: this.alerts.silences };
    const [newest] = alerts.history;
    if (newest !== undefined) this.events.send({ event: "alert", data: newest });
  }

  silence({ hours, ...input }: SilenceInput, by: string) {
    const others = this.alerts.silences.filter(({ rule, subject }) => rule !== input.rule || subject !== input.subject);
    const silence = { ...input, by, createdAt: Date.now(), until: Date.now() + hours * 3_600_000 };
    this.alerts = { ...this.alerts, silences: hours === 0 ? others : [...others, silence] };
  }

  async #run(command: CommandView, steps: Plan["steps"]) {
    const startedAt = Date.now();
    for (const [index, { title }] of steps.entries()) {
      for (const percent of [10, 55, 90]) {
        await new Promise((resolve) => setTimeout(resolve, this.#stepMs / 3));
        const detail = title.startsWith("Pull")
          ? `${Math.round(percent / 14)} of 7 layers, ${percent * 3} MB`
          : undefined;
        this.#put({
          ...command,
          state: "running",
          startedAt,
          progress: {
            command: command.id,
            at: Date.now(),
            step: index + 1,
            steps: steps.length,
            title,
            percent,
            ...(detail === undefined ? {} : { detail }),
          },
        });
        while (this.paused) await new Promise((resolve) => setTimeout(resolve, 20));
        if (this.commands.find(({ id }) => id === command.id)?.state === "cancelled") return;
        if (this.failNext !== undefined && index === steps.length - 3) {
          const problem = this.failNext.toJSON();
          this.failNext = undefined;
          const failed = this.commands.find(({ id }) => id === command.id) ?? command;
          this.#put({ ...failed, state: "failed", finishedAt: Date.now(), problem });
          return;
        }
      }
    }
    this.#apply(command);
    this.#put({ ...command, state: "done", startedAt, finishedAt: Date.now() });
  }

  #apply({ name, input }: CommandView) {
    const instance = String(input.instance ?? input.module);
    if (name === "module.install") this.instances.push(this.#instance(String(input.module), instance, "running"));
    if (name === "module.start") this.setState(instance, "running");
    if (name === "module.stop") this.setState(instance, "stopped");
    const updated = this.instances.find((known) => known.name === instance);
    if (name === "module.update" && updated?.availableVersion !== undefined) {
      const { availableVersion: version, ...rest } = updated;
      this.instances[this.instances.indexOf(updated)] = { ...rest, version };
    }
    if (name === "module.remove") {
      const at = this.instances.findIndex((known) => known.name === instance);
      if (at !== -1) this.instances.splice(at, 1);
    }
    this.#tellOverview();
  }

  #put(command: CommandView): CommandView {
    const at = this.commands.findIndex(({ id }) => id === command.id);
    if (at === -1) this.commands.unshift(command);
    else this.commands[at] = command;
    this.events.send({ event: "command", data: command });
    return command;
  }

  #tellOverview() {
    this.events.send({ event: "overview", data: this.overview() });
  }

  #instance(module: string, name: string, state: InstanceState): InstanceStatus {
    const known = fixtureModules.find(({ id }) => id === module);
    const core = known?.core ?? false;
    return {
      name,
      module,
      title: known?.title ?? module,
      version: "1.0.0",
      core,
      state,
      services: [
        {
          name: "server",
          image: `docker.io/${module}/server:1.32.0`,
          state: state === "stopped" ? "exited" : "running",
          health: state === "degraded" ? "unhealthy" : state === "starting" ? "starting" : "healthy",
        },
      ],
      urls: core ? [] : [`https://${name}.${this.name}.beacons.example`],
      parameters: {},
    };
  }
}
