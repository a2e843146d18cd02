import { join } from "node:path";
import { Problem } from "#shared/problem.ts";
import { ensureAgentBuilt } from "../build-agent.ts";
import { startMailbox } from "../mailbox.ts";
import { ensureStandIns, removeStandInImages, upstreamAnswers } from "../stand-ins.ts";
import { prepareSystem } from "../system.ts";
import { removeBeacons } from "./clean-up.ts";
import type { HubClient } from "./hub-client.ts";
import { type HubProcess, localSettings, startHub } from "./hub-process.ts";
import { demoOrder, placeOrder, setUpOperator } from "./order.ts";
import type { Place } from "./place.ts";
import type { Stages } from "./stage.ts";
import { type Delivered, inspect } from "./verify.ts";

const root = join(import.meta.dirname, "../..");

/** Everything from an order to a beacon that runs its apps, while it runs. */
export interface Demo {
  readonly hub: HubProcess;
  readonly client: HubClient;
  /** Page of the mailbox in which all mail ends up. */
  readonly mailbox: string;
  readonly delivered: Delivered;
}

export interface DeliverOptions {
  readonly place: Place;
  readonly stages: Stages;
  readonly print: (line: string) => void;
  /** Told how to undo what was just begun; to be called in reverse order. */
  readonly onCleanUp: (undo: () => Promise<void>) => void;
}

/**
 * Walks the whole way: system parts, images, pages, mailbox, hub, operator, order, beacon.
 * @throws {Problem} of the stage that failed.
 */
export async function deliver({ place, stages, print, onCleanUp }: DeliverOptions): Promise<Demo> {
  await prepareSystem({ needs: ["docker", "registry", "mmdebstrap"], log: print });
  const mirror = await stages.run("images", async (note) => {
    if (await upstreamAnswers(3000)) {
      note("from their real registries");
      return undefined;
    }
    const standIns = await ensureStandIns({ log: print });
    onCleanUp(async () => {
      await standIns.stop();
      await removeStandInImages();
    });
    note(`no image registry answers: stand-ins built here, from ${standIns.mirror}`);
    return standIns.mirror;
  });
  await stages.run("agent and pages built", () => ensureAgentBuilt({ log: print }));
  const mailbox = await stages.run("mailbox started", async (note) => {
    const started = await startMailbox({ smtpPort: place.smtpPort, httpPort: place.mailboxPort });
    onCleanUp(() => started.stop());
    note(started.url);
    return started;
  });
  const hub = await stages.run("hub started", async (note) => {
    onCleanUp(() => removeBeacons(localSettings(root, place, mirror), place.folder));
    const started = await startHub(root, place, mirror);
    onCleanUp(() => started.stop());
    note(started.url);
    return started;
  });
  const client = await stages.run("operator set up and signed in", () => setUpOperator(hub, place));
  print(`            order: beacon "${demoOrder.beacon}" with ${demoOrder.modules.join(", ")} for ${demoOrder.email}`);
  const job = await stages.run("order delivered", () =>
    placeOrder(client, (state, ms) => print(`  ${`${(ms / 1000).toFixed(1)} s`.padStart(8)}    ${state}`)),
  );
  if (job.beacon === undefined) throw new Problem("internal", `the completed job ${job.id} names no beacon`);
  const { beacon } = job;
  const delivered = await stages.run("all apps run", () => inspect(client, beacon));
  return { hub, client, mailbox: mailbox.url, delivered };
}
