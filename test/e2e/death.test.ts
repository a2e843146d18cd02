// @module-tag docker
import { readFileSync } from "node:fs";
import Dockerode from "dockerode";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { findAgent } from "#hub/providers/local/agent-process.ts";
import { localProvider } from "#hub/providers/local.ts";
import { removeBeacons } from "#scripts/demo/clean-up.ts";
import { localSettings, startHub } from "#scripts/demo/hub-process.ts";
import { setUpOperator } from "#scripts/demo/operator.ts";
import { choosePlace } from "#scripts/demo/place.ts";
import { until } from "#scripts/demo/stage.ts";
import { startMailbox } from "#scripts/mailbox.ts";
import { ensureStandIns } from "#scripts/stand-ins.ts";
import { CommandView, endedStates } from "#shared/api/beacon.ts";
import { JobView } from "#shared/api/hub.ts";
import { root } from "./whole-way.ts";

const Commands = z.object({ commands: z.array(CommandView) });

const undos: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await undo();
});

async function begin() {
  const standIns = await ensureStandIns({ log: () => undefined });
  undos.push(() => standIns.stop());
  const place = await choosePlace(root, "check");
  const settings = localSettings(root, place, standIns.mirror);
  const mailbox = await startMailbox({ smtpPort: place.smtpPort, httpPort: place.mailboxPort });
  undos.push(() => mailbox.stop());
  undos.push(() => removeBeacons(settings, place.folder));
  const start = () => startHub({ root, place, mirror: standIns.mirror });
  let hub = await start();
  undos.push(() => hub.stop());
  const client = await setUpOperator(hub, place);
  const order = { email: "ada@example.org", beacon: "ada", modules: ["umami"] };
  const { id } = await client.post("/api/orders", order, JobView);
  const job = () => client.get(`/api/jobs/${id}`, JobView);
  return {
    job,
    client,
    mailbox,
    settings,
    provider: localProvider(settings),
    /** Waits until the job is in the middle of installing this module. */
    installing: (module: string) =>
      until(`the install of ${module}`, 120_000, async () => {
        const now = await job();
        return now.events.some(({ message }) => message.startsWith("Being installed:") && message.includes(module))
          ? now
          : undefined;
      }),
    completed: () =>
      until("the end of the job", 180_000, async () => {
        const now = await job();
        if (now.state === "FAILED") throw new Error(JSON.stringify(now.problem));
        return now.state === "COMPLETED" ? now : undefined;
      }),
    killHubAndStartAgain: async () => {
      await hub.kill();
      hub = await start();
    },
  };
}

type World = Awaited<ReturnType<typeof begin>>;

/** Exactly one of everything that was ordered, and no command done twice. */
async function expectOneOfEverything({ client, mailbox, provider }: World, job: JobView) {
  const beacons = await client.get("/api/beacons", z.object({ beacons: z.array(z.object({ id: z.string() })) }));
  expect(beacons.beacons.map(({ id }) => id)).toEqual([job.beacon]);

  const { commands } = await client.get(`/api/beacons/${job.beacon}/commands?limit=100`, Commands);
  expect(commands.every(({ state }) => endedStates.includes(state))).toBe(true);
  expect(commands.map(({ state, input }) => `${input.module} ${state}`).sort()).toEqual(
    ["caddy", "postgresql", "redis", "umami"].map((module) => `${module} done`),
  );

  const vps = await provider.find({});
  const scope = (vps?.id ?? "").replace("local-", "wopr-");
  const containers = await new Dockerode().listContainers({ all: true, filters: { label: [`wopr.scope=${scope}`] } });
  expect(containers.map(({ Labels, State }) => `${Labels["wopr.instance"]} ${State}`).sort()).toEqual(
    ["caddy", "postgresql", "redis", "umami"].map((instance) => `${instance} running`),
  );
  expect(mailbox.mails().filter(({ attachments }) => attachments.length > 0)).toHaveLength(1);
}

test("a hub killed in the middle of an install goes on where it was", async () => {
  const world = await begin();
  await world.installing("postgresql");
  await world.killHubAndStartAgain();
  await world.installing("umami");
  await world.killHubAndStartAgain();
  await expectOneOfEverything(world, await world.completed());
});

test("an agent killed in the middle of an install goes on where it was", async () => {
  const world = await begin();
  for (const module of ["postgresql", "umami"]) {
    await world.installing(module);
    const vps = await world.provider.find({});
    const id = vps?.id ?? "";
    const config = `${world.settings.root}/${id}/agent.json`;
    const pid = await findAgent(config);
    expect(pid).toBeDefined();
    process.kill(pid ?? 0, "SIGKILL");
    // Who is still dying would be taken for one that runs.
    await until("its death", 10_000, async () => (await findAgent(config)) !== pid || undefined);
    await world.provider.power(id, true);
  }
  const job = await world.completed();
  await expectOneOfEverything(world, job);
  const [vps] = [await world.provider.find({})];
  const log = readFileSync(`${world.settings.root}/${vps?.id}/agent.log`, "utf8");
  expect(log).toContain('"resumed":true');
});
