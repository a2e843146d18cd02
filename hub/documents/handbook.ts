import { drawAppCard, heightOfAppCard } from "./app-card.ts";
import { drawCover } from "./handbook-cover.ts";
import type { HandbookFacts } from "./handbook-facts.ts";
import { type Typesetter, typeset } from "./typesetting.ts";

/**
 * The owner's handbook as a tagged PDF of A4 pages with bookmarks. Equal facts give equal bytes.
 * It promises nothing that this version of WOPR does not do.
 */
export async function renderHandbook(facts: HandbookFacts): Promise<Uint8Array> {
  const setter = typeset({
    title: `Handbook of ${facts.domain}`,
    author: "WOPR",
    subject: "Address, apps and first steps of your beacon",
    createdAt: facts.createdAt,
  });
  drawCover(setter, facts);
  const [firstApp] = facts.apps;
  const sections: readonly (readonly [title: string, fill: Section, points?: number])[] = [
    ["Start here", signingIn],
    ["Your beacon at a glance", glance],
    ["Your apps", apps, firstApp === undefined ? 70 : 60 + heightOfAppCard(setter, firstApp)],
    ["When something is wrong", help],
    ["Keeping it safe", safety],
    // With the next one: both are about what becomes of the data.
    ["Backups", backups, 290],
    ["Leaving", leaving],
  ];
  for (const [index, [title, fill, points]] of sections.entries()) {
    setter.section(index + 1, title, () => fill(setter, facts), points);
  }
  return setter.finish(facts.domain);
}

type Section = (setter: Typesetter, facts: HandbookFacts) => void;

const signingIn: Section = (setter, facts) => {
  setter.paragraph("Three steps, and you are in. You need no password: a link in a mail signs you in.");
  setter.steps([
    "Open the sign-in page below. Your e-mail address is filled in already.",
    `Ask for a link. It is mailed to ${facts.email}, works once, and only for a short time.`,
    "Follow the link, choose your beacon, and open its dashboard. Your apps are one click away from there.",
  ]);
  setter.link(facts.signInUrl);
  setter.aside("Whoever likes a password better can set one after signing in.");
};

const glance: Section = (setter, facts) => {
  setter.paragraph(
    `${facts.domain} is a server of its own. Your apps and all that you put into them live there and nowhere else. Software called the agent looks after it: it installs, starts and watches the apps, and reports to the hub from which you ordered.`,
  );
  setter.facts([
    ["Address", facts.domain],
    ["Dashboard", facts.dashboardUrl],
    ["Owner", facts.email],
    ["Apps", facts.apps.map(({ title }) => title).join(", ") || "none yet: install them from the dashboard"],
    ["Works with", facts.core.join(", ") || "-"],
  ]);
};

const apps: Section = (setter, facts) => {
  if (facts.apps.length === 0) {
    setter.paragraph("No app was ordered. Open the dashboard, and press “Install app” under “Apps”.");
    return;
  }
  setter.paragraph(
    "Each app has an address of its own. In the dashboard you see how it does, read its log, stop and start it, and install more.",
  );
  for (const app of facts.apps) drawAppCard(setter, app);
};

const help: Section = (setter, facts) => {
  setter.paragraph(
    `Begin at the dashboard, ${facts.dashboardUrl}: it shows what runs, what does not, and why. Each problem says what to do next.`,
  );
  const answers: readonly (readonly [question: string, answer: string])[] = [
    [
      "An app does not open, or shows an error",
      "Find it under “Apps” in the dashboard. Read its log: the last lines usually name the cause. Then stop it and start it again; its data stays where it is.",
    ],
    [
      "No sign-in link arrives",
      `Look among unwanted mail at ${facts.email}. A link works once and for a short time: when in doubt, ask for another one, and use the newest.`,
    ],
    [
      "The dashboard says that memory or disk run short",
      "It names the apps that use most. Stop or remove one that you do not need; what is removed keeps its data unless you ask for that to be deleted, too.",
    ],
    ...(facts.ownCertificates
      ? ([
          [
            "The browser warns about the certificate",
            "This beacon signs its own certificates. A browser warns about them until it trusts the beacon’s own authority: download its root certificate from the dashboard’s first page and import it, and the warning goes away for all your apps at once.",
          ],
        ] as const)
      : []),
    [
      "Nothing of this helps",
      `Reply to the mail that this handbook came with, and name your beacon, ${facts.name}. Say what you did, what you saw, and when.`,
    ],
  ];
  for (const [question, answer] of answers) {
    setter.keepTogether(setter.heightOf(answer) + 40);
    setter.subheading(question);
    setter.paragraph(answer);
  }
};

const safety: Section = (setter, facts) => {
  setter.steps([
    `Guard the mailbox of ${facts.email}: whoever reads your mail can sign in as you. Give it a good password and a second factor.`,
    "Some apps begin with a password that everybody knows, or let anybody create an account. Their first steps say so: take them before you tell others the address.",
    "Let in by name whom you trust, each with an account of their own, and remove the account when somebody goes.",
  ]);
};

const backups: Section = (setter) => {
  setter.notice(
    "This version of WOPR does not make backups yet",
    "Your data is on the disk of your server. It survives restarts, updates of an app, and the removal of an app, as long as you do not ask for its data to be deleted too. It does not survive the loss of that disk.",
  );
  setter.paragraph(
    "Until backups are there, export what you cannot afford to lose with each app’s own export, and keep the copy somewhere else. Put a date in your calendar for it.",
  );
};

const leaving: Section = (setter, facts) => {
  setter.paragraph(
    "Nothing here locks you in. Your apps are the unchanged open-source products, in ordinary Docker containers, with their data in ordinary Docker volumes. They keep running when the hub cannot be reached.",
  );
  setter.paragraph(
    `Before you go, export your data from each app. When a beacon is deleted its server and its disk are deleted with it, and ${facts.domain} stops leading anywhere. That cannot be undone.`,
  );
};
