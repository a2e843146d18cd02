import { expect, test } from "vitest";
import { magicLinkMail } from "#hub/mail/templates/magic-link.ts";
import { orderReceivedMail } from "#hub/mail/templates/order-received.ts";
import { welcomeMail } from "#hub/mail/templates/welcome.ts";

const facts: Parameters<typeof welcomeMail>[0] = {
  name: "ada",
  domain: "ada.localhost",
  email: "ada@example.org",
  dashboardUrl: "https://ada.localhost:7443",
  signInUrl: "http://127.0.0.1:7300/sign-in?email=ada%40example.org",
  invitation: "http://127.0.0.1:7300/welcome?token=x&y=z",
  apps: [
    {
      title: "Vaultwarden <b>",
      summary: "Passwords & more",
      url: "https://vaultwarden.ada.localhost:7443",
      firstSteps: [],
      signOn: "none",
    },
    { title: "Worker", summary: "No pages", url: undefined, firstSteps: [], signOn: "none" },
  ],
  core: ["Caddy"],
  ownCertificates: true,
  createdAt: 0,
};

test("the mail about an order leads to its page, in both of its forms", () => {
  const orderUrl = "https://hub.example.org/order/purchase_1?a=1&b=2";
  const { subject, text, html } = orderReceivedMail({ domain: "ada.localhost", orderUrl });
  expect(subject).toBe("Your order of ada.localhost is in");
  expect(text).toContain(`${orderUrl}\n`);
  expect(html).toContain('href="https://hub.example.org/order/purchase_1?a=1&amp;b=2"');
});

test("the welcome mail says where everything is, in both of its forms", () => {
  const { subject, text, html } = welcomeMail(facts);
  expect(subject).toBe("Your beacon ada is ready");
  for (const url of [facts.dashboardUrl, facts.signInUrl, "https://vaultwarden.ada.localhost:7443"]) {
    expect(text).toContain(url);
    expect(html).toContain(url);
  }
  expect(text).toContain(facts.invitation);
  expect(text).not.toContain("Worker");
  expect(text).not.toContain("undefined");
});

test("nothing in a mail can break out of its HTML", () => {
  const { html } = welcomeMail(facts);
  expect(html).not.toContain("<b>");
  expect(html).toContain("Vaultwarden &lt;b&gt;");
  expect(html).toContain("token=x&amp;y=z");
});

test("a beacon without apps is welcome too", () => {
  expect(welcomeMail({ ...facts, apps: [] }).text).not.toContain("Your apps");
});

test("the magic link stands on a line of its own and says how long it works", () => {
  const { text, html } = magicLinkMail({ url: "http://127.0.0.1:7300/magic?t=1&u=2", minutes: 15 });
  expect(text.split("\n")).toContain("http://127.0.0.1:7300/magic?t=1&u=2");
  expect(text).toContain("15 minutes");
  expect(html).toContain('href="http://127.0.0.1:7300/magic?t=1&amp;u=2"');
});
