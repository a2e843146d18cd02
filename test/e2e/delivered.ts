import { expect } from "vitest";
import { z } from "zod";
import { askHttps } from "#scripts/demo/https-client.ts";
import type { HubClient } from "#scripts/demo/hub-client.ts";
import { until } from "#scripts/demo/stage.ts";
import { BeaconOverview } from "#shared/api/beacon.ts";
import { BeaconSummary } from "#shared/api/hub.ts";

const Mails = z.object({
  mails: z.array(
    z.object({
      to: z.array(z.string()),
      text: z.string(),
      attachments: z.array(z.object({ contentType: z.string(), path: z.string() })),
    }),
  ),
});
const Beacons = z.object({ beacons: z.array(BeaconSummary) });

export interface Where {
  /** Signed in as the operator. */
  readonly client: HubClient;
  /** Page of the mailbox in which all mail ends up. */
  readonly mailbox: string;
}

export interface Expected {
  readonly beacon: string;
  readonly email: string;
  readonly app: string;
  /** Where the beacon is; on this machine when absent. */
  readonly address?: string;
}

/** What somebody has who has bought. */
export interface DeliveredApp {
  readonly url: string;
  /** Root certificate of the beacon's own authority, in PEM. */
  readonly ca: string;
  /** In the welcome mail. */
  readonly signInLink: string;
}

/** The app opens over HTTPS with a certificate of the beacon's own authority, and the handbook came by mail, once. */
export async function expectDelivered({ client, mailbox }: Where, expected: Expected): Promise<DeliveredApp> {
  const { beacon, email, app, address } = expected;
  const { beacons } = await client.get("/api/beacons", Beacons);
  const id = beacons.find(({ name }) => name === beacon)?.id;
  const { instances, caCertificate: ca = "" } = await until("the app in the inventory", 60_000, async () => {
    const { inventory } = await client.get(`/api/beacons/${id}/overview`, BeaconOverview);
    return inventory?.instances.some((one) => one.name === app && one.state === "running") ? inventory : undefined;
  });
  const [url = ""] = instances.find((one) => one.name === app)?.urls ?? [];
  expect((await askHttps({ url, ca, address })).status).toBe(200);
  const { mails } = Mails.parse(await (await fetch(`${mailbox}/api/mails`)).json());
  const [welcome, ...more] = mails.filter(({ to, attachments }) => to.includes(email) && attachments.length > 0);
  expect(more).toEqual([]);
  const [handbook] = welcome?.attachments ?? [];
  expect(handbook?.contentType).toBe("application/pdf");
  const pdf = await (await fetch(`${mailbox}${handbook?.path}`)).text();
  expect(pdf.startsWith("%PDF-")).toBe(true);
  return { url, ca, signInLink: /https?:\/\/\S+magic-link\/verify\S+/.exec(welcome?.text ?? "")?.[0] ?? "" };
}
