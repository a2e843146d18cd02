import type { HandbookFacts } from "../../documents/handbook-facts.ts";
import { button, link, text, type Words, writeLetter } from "./letter.ts";

/** What the owner of a new beacon reads first; the handbook goes with it. */
export function welcomeMail(facts: HandbookFacts & { readonly invitation: string }): Words {
  const { name, domain, email, dashboardUrl, signInUrl, apps, invitation } = facts;
  const places = apps.flatMap(({ title, url, summary }) => (url === undefined ? [] : [{ title, url, text: summary }]));
  return writeLetter({
    subject: `Your beacon ${name} is ready`,
    blocks: [
      text(`${domain} is yours: a server of its own, with your apps on it.`),
      button("Sign in", invitation),
      text("You need no password: this link signs you in, once."),
      link(`Whenever you want a fresh link, ask for it here, and it is mailed to ${email}`, signInUrl),
      link("Your beacon’s dashboard", dashboardUrl),
      ...(places.length === 0 ? [] : [{ kind: "places", title: "Your apps", places } as const]),
      text("The handbook is attached: first steps, backups, help, and how to leave with all your data."),
    ],
  });
}
