// @module-tag docker
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { expect, test } from "vitest";
import { findAgent } from "#hub/providers/local/agent-process.ts";
import { LocalSettings, localProvider } from "#hub/providers/local.ts";
import { JobView } from "#shared/api/hub.ts";
import { until } from "#test/hub/provisioning/until.ts";
import { startTestHub } from "#test/hub/test-hub.ts";

const checkout = join(import.meta.dirname, "../../..");

test("an agent on a local VPS enrols over the network, outlives the hub, and leaves nothing when it is cancelled", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wopr-agent-"));
  const settings = LocalSettings.parse({
    root: join(folder, "vps"),
    portRange: { from: 42_700, to: 42_720 },
    modulesDirectory: join(checkout, "compose-modules"),
    agentCommand: [process.execPath, join(checkout, "agent/main.ts")],
    // Nobody answers there: what is installed fails, and is tried again, while the test looks at the rest.
    registryMirror: "127.0.0.1:9",
  });
  const hub = await startTestHub({ providers: { local: settings } });
  try {
    const operator = await hub.operator();
    const placed = await operator.post("/api/orders", { email: "ada@example.org", beacon: "ada", modules: [] });
    const { id } = JobView.parse(placed.body);
    const path = `/api/jobs/${id}`;
    const job = async () => JobView.parse((await operator.get(path)).body);
    await until(job, ({ events }) => events.some(({ state }) => state === "DEPLOYING_WOPR"));

    const [vps = ""] = await readdir(settings.root);
    const config = join(settings.root, vps, "agent.json");
    const pid = await findAgent(config);
    expect(pid).toBeDefined();
    expect(await hub.beacons.byName("ada")).toMatchObject({ providerId: vps, address: "127.0.0.1" });
    expect((await hub.beacons.byName("ada"))?.enrolledAt).toBeDefined();
    expect(existsSync(join(settings.root, vps, "enrolment-token"))).toBe(false);

    await hub.restart();
    expect(await findAgent(config)).toBe(pid);

    expect((await operator.post(`${path}/cancel`)).status).toBeLessThan(300);
    await until(job, ({ state, finishedAt }) => state === "CANCELLED" && finishedAt !== undefined);
    expect(await findAgent(config)).toBeUndefined();
    expect(await readdir(settings.root)).toEqual([]);
    expect(await hub.beacons.byName("ada")).toBeUndefined();
    const filters = { label: [`wopr.scope=${vps.replace("local-", "wopr-")}`] };
    const docker = new Docker();
    expect(await docker.listContainers({ all: true, filters })).toEqual([]);
    expect(await docker.listNetworks({ filters })).toEqual([]);
    expect((await docker.listVolumes({ filters })).Volumes ?? []).toEqual([]);
  } finally {
    await hub.stop();
    const provider = localProvider(settings);
    const left = existsSync(settings.root) ? await readdir(settings.root) : [];
    for (const id of left) await provider.remove(id);
    await rm(folder, { recursive: true, force: true });
  }
});
