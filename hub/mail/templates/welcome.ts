import type { HandbookFacts } from "../../documents/handbook-facts.ts";
import { button, escapeHtml, layOut, link, paragraph, type Words } from "./words.ts";

/** What the owner of a new beacon reads first; the handbook goes with it. */
export function welcomeMail(facts: HandbookFacts & { readonly invitation: string }): Words {
  const { name, domain, email, dashboardUrl, signInUrl, apps, invitation } = facts;
  const title = `Your beacon ${name} is ready`;
  const withUrl = apps.flatMap(({ title, url, summary }) => (url === undefined ? [] : [{ title, url, summary }]));
  return {
    subject: title,
    text: `${title}

${domain} is yours: a server of its own, with your apps on it.

Sign in
${invitation}

You need no password: this link signs you in, once. Whenever you want a fresh one,
ask for it here, and it is mailed to ${email}:
${signInUrl}

Your beacon's dashboard
${dashboardUrl}
${withUrl.length === 0 ? "" : `\nYour apps\n${withUrl.map((app) => `- ${app.title}: ${app.url}`).join("\n")}\n`}
The handbook is attached: first steps, backups, help, and how to leave with all your data.
`,
    html: layOut(
      title,
      [
        paragraph(`<strong>${escapeHtml(domain)}</strong> is yours: a server of its own, with your apps on it.`),
        button("Sign in", invitation),
        paragraph(
          `You need no password: the button signs you in, once. Whenever you want a fresh link, ask for it at ${link(signInUrl)}; it is mailed to ${escapeHtml(email)}.`,
        ),
        paragraph(`Your beacon’s dashboard: ${link(dashboardUrl)}`),
        ...(withUrl.length === 0 ? [] : [appList(withUrl)]),
        paragraph("The handbook is attached: first steps, backups, help, and how to leave with all your data."),
      ].join("\n"),
    ),
  };
}

interface AppLine {
  readonly title: string;
  readonly url: string;
  readonly summary: string;
}

function appList(apps: readonly AppLine[]): string {
  const items = apps.map(
    ({ title, url, summary }) =>
      `<li style="margin:0 0 10px"><strong>${escapeHtml(title)}</strong>: ${escapeHtml(summary)}<br>${link(url)}</li>`,
  );
  return `<h2 style="margin:24px 0 10px;font-size:17px">Your apps</h2>
<ul style="margin:0 0 20px;padding-left:20px">
${items.join("\n")}
</ul>`;
}
