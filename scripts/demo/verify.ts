import { z } from "zod";
import { BeaconOverview, MetricsView } from "#shared/api/beacon.ts";
import { BeaconVisit } from "#shared/api/hub.ts";
import type { Inventory } from "#shared/inventory.ts";
import { Problem } from "#shared/problem.ts";
import { demoOrder } from "./buy.ts";
import { askHttps } from "./https-client.ts";
import type { HubClient } from "./hub-client.ts";
import type { Stages } from "./stage.ts";
import { until } from "./stage.ts";

const Mails = z.object({
  mails: z.array(
    z.object({
      to: z.array(z.string()),
      subject: z.string(),
      attachments: z.array(z.object({ filename: z.string(), contentType: z.string() })),
    }),
  ),
});

/** A finished beacon, as those outside find it. */
export interface Delivered {
  readonly beacon: string;
  readonly inventory: Inventory;
  /** Root certificate of the beacon's own authority, in PEM. */
  readonly ca: string;
}

/** What the hub knows of the finished beacon. @throws {Problem} `not_found` when something that was promised is missing. */
export async function inspect(client: HubClient, beacon: string): Promise<Delivered> {
  const inventory = await until("the beacon's inventory with all apps running", 30_000, async () => {
    const overview = await client.get(`/api/beacons/${beacon}/overview`, BeaconOverview);
    const running = overview.inventory?.instances.filter(({ state }) => state === "running").map(({ name }) => name);
    return demoOrder.modules.every((module) => running?.includes(module)) ? overview.inventory : undefined;
  });
  if (inventory.caCertificate === undefined) throw new Problem("not_found", "the beacon reported no root certificate");
  return { beacon, inventory, ca: inventory.caCertificate };
}

/** Looks at everything from outside, as its users would. */
export async function verifyFromOutside(stages: Stages, client: HubClient, delivered: Delivered, mailbox: string) {
  for (const { name, urls } of delivered.inventory.instances.filter(({ core }) => !core)) {
    const [url] = urls;
    await stages.run(`${name} answers over HTTPS`, async (note) => {
      if (url === undefined) throw new Problem("not_found", `${name} has no address`);
      const answer = await askHttps({ url, ca: delivered.ca });
      expectThat(answer.status === 200, `${url} answered ${answer.status}: ${answer.body.slice(0, 200)}`);
      note(url);
    });
  }
  await stages.run("hub's API: metrics of the beacon flow", async (note) => {
    const path = `/api/beacons/${delivered.beacon}/metrics`;
    const view = await until("a sample of the host and of a container", 60_000, async () => {
      const metrics = await client.get(path, MetricsView);
      const series = Object.keys(metrics.points.at(-1)?.values ?? {});
      return series.includes("cpu_percent") && series.some((one) => one.startsWith("container/")) ? metrics : undefined;
    });
    note(`${Object.keys(view.points.at(-1)?.values ?? {}).length} series`);
  });
  await stages.run("beacon's API: refuses strangers, knows its owner", async (note) => {
    note(await visitBeacon(client, delivered));
  });
  await stages.run("mailbox: one welcome mail with the handbook", async (note) => {
    const response = await fetch(`${mailbox}/api/mails`);
    const { mails } = Mails.parse(await response.json());
    const welcome = mails.filter(({ to, attachments }) => to.includes(demoOrder.email) && attachments.length > 0);
    expectThat(welcome.length === 1, `found ${welcome.length} mails to ${demoOrder.email} with an attachment`);
    const [handbook] = welcome.flatMap(({ attachments }) => attachments);
    expectThat(handbook?.contentType === "application/pdf", `the attachment is ${handbook?.contentType}`);
    note(`${welcome[0]?.subject}, ${handbook?.filename}`);
  });
}

async function visitBeacon(client: HubClient, { beacon, inventory, ca }: Delivered): Promise<string> {
  const overviewUrl = `${inventory.dashboardUrl}/api/overview`;
  const stranger = await askHttps({ url: overviewUrl, ca, headers: { "x-forwarded-for": "127.0.0.1" } });
  expectThat(stranger.status === 401, `without a token ${overviewUrl} answered ${stranger.status}`);

  const visit = await client.post(`/api/beacons/${beacon}/visit`, {}, BeaconVisit);
  const answer = await askHttps({ url: overviewUrl, ca, headers: { authorization: `Bearer ${visit.token}` } });
  expectThat(answer.status === 200, `with a token ${overviewUrl} answered ${answer.status}: ${answer.body}`);
  const overview = BeaconOverview.parse(JSON.parse(answer.body));

  const page = await askHttps({ url: `${inventory.dashboardUrl}/`, ca });
  expectThat(page.status === 200 && page.body.includes("<html"), `the dashboard answered ${page.status}`);
  return `${inventory.dashboardUrl}, ${overview.inventory?.instances.length} instances`;
}

function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Problem("conflict", otherwise);
}
