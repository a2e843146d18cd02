// @module-tag docker
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AgentConfig } from "#agent/config.ts";
import { findAgent } from "#hub/providers/local/agent-process.ts";
import { LocalSettings, localProvider } from "#hub/providers/local.ts";
import { providerContract } from "#test/contracts/provider.ts";
import { userDataOf } from "#test/fixtures/user-data.ts";
import { until } from "#test/hub/provisioning/until.ts";

const userData = userDataOf({ hub: "http://127.0.0.1:9", enrolmentToken: "t" });
const standIn = join(import.meta.dirname, "stand-in-agent.ts");

async function openLocal(from: number, settings: Partial<LocalSettings> = {}) {
  const root = await mkdtemp(join(tmpdir(), "wopr-local-"));
  const parsed = LocalSettings.parse({
    root: join(root, "vps"),
    portRange: { from, to: from + 60 },
    modulesDirectory: "/modules",
    registryMirror: "127.0.0.1:5000",
    agentCommand: [process.execPath, standIn],
    ...settings,
  });
  const open = () => localProvider(parsed);
  return {
    root: parsed.root,
    open,
    dispose: async () => {
      const provider = open();
      const ids = existsSync(parsed.root) ? await readdir(parsed.root) : [];
      for (const id of ids) await provider.remove(id);
      await rm(root, { recursive: true, force: true });
    },
  };
}

providerContract("local", () => openLocal(42_100), { hasVendor: false });

describe("a local VPS", () => {
  let local: Awaited<ReturnType<typeof openLocal>>;
  beforeAll(async () => {
    local = await openLocal(42_200);
  });
  afterAll(() => local.dispose());

  const create = (beacon: string, provider = local.open()) =>
    provider.create({
      name: "ada",
      labels: { "wopr-beacon": beacon, "wopr-round": "0" },
      bootstrap: { hub: "http://127.0.0.1:7300", enrolmentToken: "a-one-time-token-of-this-beacon" },
      userData,
    });
  const configOf = (id: string) => join(local.root, id, "agent.json");
  const readAgentConfig = async (id: string) => AgentConfig.parse(JSON.parse(await readFile(configOf(id), "utf8")));
  const untilEnrolled = (id: string) => until(() => existsSync(join(local.root, id, "data", "enrolled")), Boolean);

  test("gets a configuration that the agent understands, ports of its own, and a token that only it may read", async () => {
    const provider = local.open();
    const [a, b] = await Promise.all([create("beacon_config-a", provider), create("beacon_config-b", provider)]);
    const configs = await Promise.all([readAgentConfig(a.id), readAgentConfig(b.id)]);
    const ports = configs.flatMap(({ httpPort, httpsPort, listen }) => [httpPort, httpsPort, listen?.port]);
    expect(new Set(ports).size).toBe(6);
    expect(configs[0]).toMatchObject({
      hub: "http://127.0.0.1:7300",
      scope: a.id.replace("local-", "wopr-"),
      certificates: "internal",
      address: "127.0.0.1",
      registryMirror: "127.0.0.1:5000",
    });
    expect((await stat(join(local.root, a.id))).mode & 0o777).toBe(0o700);
  });

  test("has its token in a file, not in its arguments or its configuration, and gets none of the hub's environment", async () => {
    process.env.WOPR_TEST_SECRET = "secret of the hub";
    const { id } = await create("beacon_secrets");
    delete process.env.WOPR_TEST_SECRET;
    await untilEnrolled(id);
    const pid = await findAgent(configOf(id));
    const seen = [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`, configOf(id)].map((file) => readFile(file, "utf8"));
    const text = (await Promise.all(seen)).join("\n");
    expect(text).not.toContain("a-one-time-token");
    expect(text).not.toContain("secret of the hub");
  });

  test("runs in a session of its own, with its output in the file that `log` names", async () => {
    const { id, log } = await create("beacon_session");
    await untilEnrolled(id);
    const pid = await findAgent(configOf(id));
    const status = await readFile(`/proc/${pid}/stat`, "utf8");
    // proc_pid_stat(5): the fields after the name are state, parent, process group, session.
    const session = status.slice(status.lastIndexOf(")") + 2).split(" ")[3];
    expect(Number(session)).toBe(pid);
    expect(await readFile(log.replace("the file ", ""), "utf8")).toContain(`agent ${pid}`);
  });

  test("outlives the hub, which finds it again", async () => {
    const script = `
      import { localProvider } from ${JSON.stringify(join(import.meta.dirname, "../../../hub/providers/local.ts"))};
      const provider = localProvider(${JSON.stringify({
        ...{ root: local.root, portRange: { from: 42_200, to: 42_260 }, address: "127.0.0.1" },
        ...{ modulesDirectory: "/modules", dockerSocket: "/var/run/docker.sock" },
        agentCommand: [process.execPath, standIn],
      })});
      const labels = { "wopr-beacon": "beacon_outlives", "wopr-round": "0" };
      const vps = await provider.create({ name: "ada", labels, bootstrap: { hub: "http://127.0.0.1:9", enrolmentToken: "t" } });
      console.log(vps.id);
      process.kill(process.pid, "SIGKILL");`;
    const hub = promisify(execFile)(process.execPath, ["--input-type=module-typescript", "-e", script]);
    const { stdout } = await hub.catch((error: { stdout: string }) => error);
    const id = stdout.trim();
    await untilEnrolled(id);
    expect(await local.open().get(id)).toMatchObject({ id, status: "active" });
  });

  test("that was laid out when the hub died, and never started, is found switched off and can be switched on", async () => {
    const { id } = await create("beacon_never-started");
    await local.open().power(id, false);
    expect(await local.open().find({ "wopr-beacon": "beacon_never-started" })).toMatchObject({ id, status: "off" });
    await local.open().power(id, true);
    expect((await local.open().get(id))?.status).toBe("active");
  });

  test("that was half laid out when the hub died does not exist, and is laid out anew", async () => {
    const { id } = await create("beacon_half");
    await local.open().remove(id);
    const unfinished = join(local.root, `${id}.unfinished`);
    await mkdir(unfinished);
    await writeFile(join(unfinished, "enrolment-token"), "an old token");
    expect(await local.open().find({ "wopr-beacon": "beacon_half" })).toBeUndefined();
    expect((await create("beacon_half")).id).toBe(id);
    expect(existsSync(unfinished)).toBe(false);
  });

  test("is started once, however many ask at the same moment", async () => {
    const provider = local.open();
    await Promise.all([create("beacon_once", provider), create("beacon_once", provider)]);
    const { id } = await create("beacon_once");
    await Promise.all([provider.power(id, true), provider.power(id, true)]);
    await untilEnrolled(id);
    const agents = await promisify(execFile)("pgrep", ["-c", "-f", configOf(id)]);
    expect(agents.stdout.trim()).toBe("1");
  });
});

test("ports that somebody listens on are left alone, and a range that is used up is refused", async () => {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(42_301, "127.0.0.1", resolve));
  const local = await openLocal(42_300, { portRange: { from: 42_300, to: 42_303 } });
  const order = (beacon: string) => ({
    name: "ada",
    labels: { "wopr-beacon": beacon, "wopr-round": "0" },
    bootstrap: { hub: "http://127.0.0.1:9", enrolmentToken: "t" },
    userData,
  });
  try {
    const { id } = await local.open().create(order("beacon_ports"));
    const { ports } = JSON.parse(await readFile(join(local.root, id, "instance.json"), "utf8"));
    expect(ports).toEqual({ http: 42_300, https: 42_302, api: 42_303 });
    await expect(local.open().create(order("beacon_more"))).rejects.toMatchObject({ code: "provider_refused" });
    expect(await local.open().find({ "wopr-beacon": "beacon_more" })).toBeUndefined();
  } finally {
    listener.close();
    await local.dispose();
  }
});

test("an agent that does not want to end is ended", async () => {
  const local = await openLocal(42_400, { agentCommand: [process.execPath, standIn, "--stubborn"] });
  try {
    const provider = local.open();
    const labels = { "wopr-beacon": "beacon_stubborn", "wopr-round": "0" };
    const bootstrap = { hub: "http://127.0.0.1:9", enrolmentToken: "t" };
    const { id } = await provider.create({ name: "ada", labels, bootstrap, userData });
    await until(() => existsSync(join(local.root, id, "data", "enrolled")), Boolean);
    await provider.remove(id);
    expect(await findAgent(join(local.root, id, "agent.json"))).toBeUndefined();
    expect(existsSync(join(local.root, id))).toBe(false);
  } finally {
    await local.dispose();
  }
});

test("removing takes what carries its scope out of Docker, and nothing else", async () => {
  const docker = new Docker();
  const local = await openLocal(42_500);
  const provider = local.open();
  const labels = { "wopr-beacon": "beacon_docker", "wopr-round": "0" };
  const { id } = await provider.create({
    ...{ name: "ada", labels },
    bootstrap: { hub: "http://127.0.0.1:9", enrolmentToken: "t" },
    userData,
  });
  const scope = id.replace("local-", "wopr-");
  const other = `${scope}-other`;
  try {
    for (const name of [scope, other]) {
      await docker.createVolume({ Name: name, Labels: { "wopr.scope": name } });
      await docker.createNetwork({ Name: name, Labels: { "wopr.scope": name } });
    }
    await provider.remove(id);
    const volumes = (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
    const networks = (await docker.listNetworks()).map(({ Name }) => Name);
    expect(volumes).toContain(other);
    expect(networks).toContain(other);
    expect(volumes).not.toContain(scope);
    expect(networks).not.toContain(scope);
  } finally {
    for (const name of [scope, other]) {
      await docker
        .getVolume(name)
        .remove()
        .catch(() => undefined);
      await docker
        .getNetwork(name)
        .remove()
        .catch(() => undefined);
    }
    await local.dispose();
  }
});
