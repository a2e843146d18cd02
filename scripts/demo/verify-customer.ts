import { z } from "zod";
import { SubscriptionView } from "#shared/api/billing.ts";
import { Problem } from "#shared/problem.ts";
import { createBuyer } from "#test/hub/site/buyer.ts";
import type { Business } from "./business.ts";
import { demoOrder } from "./buy.ts";
import { type Stages, until } from "./stage.ts";

const Mails = z.object({ mails: z.array(z.object({ to: z.array(z.string()), text: z.string() })) });
const Subscriptions = z.object({ subscriptions: z.array(SubscriptionView) });
const Page = z.object({ url: z.string() });

/** What the customer does next: signs in by the mail's link, and cancels on the portal, to the end of what is paid. */
export async function verifyCustomer(stages: Stages, { hub, client, mailbox, stripe }: Business): Promise<void> {
  const customer = createBuyer(hub.url);
  await stages.run("customer signs in by the link in the mail", async () => {
    const { mails } = Mails.parse(await (await fetch(`${mailbox}/api/mails`)).json());
    const text =
      mails.find((mail) => mail.to.includes(demoOrder.email) && mail.text.includes("magic-link"))?.text ?? "";
    const link = /https?:\/\/\S+magic-link\/verify\S+/.exec(text)?.[0];
    if (link === undefined) throw new Problem("not_found", `no mail to ${demoOrder.email} has a link to sign in by`);
    const { location } = await customer.get(link);
    const me = await customer.get("/api/me");
    if (!me.text.includes(demoOrder.email)) throw new Problem("forbidden", `the link led to ${location}, and not in`);
  });
  await stages.run("customer cancels on the portal, to the end of the month", async (note) => {
    const opened = await customer.post("/api/billing/portal", {});
    const { url } = Page.parse(JSON.parse(opened.text));
    const subscription = stripe.world.subscriptions.all().find(({ status }) => status === "active");
    if (subscription === undefined) throw new Problem("not_found", "Stripe has no active subscription");
    const body = new URLSearchParams({ subscription: subscription.id, action: "cancel" });
    await fetch(url, { method: "POST", redirect: "manual", body });
    const endsAt = await until("the end in the hub's books", 20_000, async () => {
      const { subscriptions } = await client.get("/api/subscriptions", Subscriptions);
      return subscriptions.find(({ id }) => id === subscription.id)?.endsAt;
    });
    note(new Date(endsAt).toISOString().slice(0, 10));
  });
}
