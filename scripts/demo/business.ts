import { join } from "node:path";
import type { StripeSimulator } from "#test/simulators/stripe/stripe.ts";
import { ensureAgentBuilt } from "../build-agent.ts";
import { startMailbox } from "../mailbox.ts";
import { ensureStandIns, removeStandInImages, upstreamAnswers } from "../stand-ins.ts";
import { prepareSystem } from "../system.ts";
import { removeBeacons } from "./clean-up.ts";
import type { HubClient } from "./hub-client.ts";
import { type HubProcess, localSettings, startHub } from "./hub-process.ts";
import { putOnSale, setUpOperator } from "./operator.ts";
import type { Place } from "./place.ts";
import { startDemoBusiness } from "./shop.ts";
import type { Stages } from "./stage.ts";

const root = join(import.meta.dirname, "../..");

/** A hub that sells beacons on this machine, while it runs. */
export interface Business {
  readonly hub: HubProcess;
  /** Signed in as the operator. */
  readonly client: HubClient;
  /** Page of the mailbox in which all mail ends up. */
  readonly mailbox: string;
  readonly stripe: StripeSimulator;
}

export interface BusinessOptions {
  readonly place: Place;
  readonly stages: Stages;
  readonly print: (line: string) => void;
  /** Told how to undo what was just begun; to be called in reverse order. */
  readonly onCleanUp: (undo: () => Promise<void>) => void;
}

/**
 * Opens the business: system parts, images, pages, mailbox, simulated Stripe, hub, operator, prices.
 * @throws {Problem} of the stage that failed.
 */
export async function openBusiness({ place, stages, print, onCleanUp }: BusinessOptions): Promise<Business> {
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
  const { stripe, business } = await stages.run("Stripe simulated: nothing is paid", async (note) => {
    const started = await startDemoBusiness(place);
    onCleanUp(() => started.stripe.stop());
    note(started.stripe.url);
    return started;
  });
  const hub = await stages.run("hub started", async (note) => {
    onCleanUp(() => removeBeacons(localSettings(root, place, mirror), place.folder));
    const started = await startHub({ root, place, mirror, business });
    onCleanUp(() => started.stop());
    note(started.url);
    return started;
  });
  const client = await stages.run("operator set up and signed in", () => setUpOperator(hub, place));
  await stages.run("catalog put on sale at Stripe", async (note) => {
    note(`${await putOnSale(client)} products and prices`);
  });
  return { hub, client, mailbox: mailbox.url, stripe };
}
