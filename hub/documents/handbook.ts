import { drawCover } from "./handbook-cover.ts";
import type { HandbookApp, HandbookFacts } from "./handbook-facts.ts";
import { type Typesetter, typeset } from "./typesetting.ts";

/**
 * The owner's handbook as a PDF of A4 pages. Equal facts give equal bytes.
 * It promises nothing that this version of WOPR does not do.
 */
export async function renderHandbook(facts: HandbookFacts): Promise<Uint8Array> {
  const setter = typeset({ title: `Handbook of ${facts.domain}`, author: "WOPR", createdAt: facts.createdAt });
  drawCover(setter.pdf, facts);
  const sections = [glance, signingIn, apps, backups, help, leaving];
  for (const [index, section] of sections.entries()) section(setter, facts, index + 1);
  return setter.finish(facts.domain);
}

type Section = (setter: Typesetter, facts: HandbookFacts, number: number) => void;

const glance: Section = (setter, facts, number) => {
  setter.heading(number, "Your beacon at a glance");
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

const signingIn: Section = (setter, facts, number) => {
  setter.heading(number, "Signing in");
  setter.paragraph(
    "You need no password: a link in a mail signs you in. Whoever likes a password better can set one after signing in.",
  );
  setter.steps([
    "Open the sign-in page below. Your e-mail address is filled in already.",
    `Ask for a link. It is mailed to ${facts.email}, works once, and only for a short time.`,
    "Follow the link, choose your beacon, and open its dashboard.",
  ]);
  setter.link(facts.signInUrl);
  if (!facts.ownCertificates) return;
  setter.paragraph(
    "This beacon signs its own certificates. A browser warns about them until it trusts the beacon’s own authority: download its root certificate from the dashboard’s first page and import it, and the warning goes away for all your apps at once.",
  );
};

const apps: Section = (setter, facts, number) => {
  setter.heading(number, "Your apps");
  if (facts.apps.length === 0) {
    setter.paragraph("No app was ordered. Open the dashboard, and press “Install app” under “Apps”.");
    return;
  }
  setter.paragraph(
    "Each app has an address of its own. In the dashboard you see how it does, read its log, stop and start it, and install more.",
  );
  for (const app of facts.apps) describe(setter, app);
};

const signOnWords: { readonly [K in HandbookApp["signOn"]]: string } = {
  none: "This app keeps its own accounts: set up yours right after opening it for the first time.",
  oidc: "Sign in with your WOPR account.",
  saml: "Sign in with your WOPR account.",
  "forward-auth": "WOPR asks who you are before it lets anybody reach this app.",
};

function describe(setter: Typesetter, app: HandbookApp) {
  // An app stays on one page: title, summary and address, then steps of at most two lines.
  setter.keepTogether(70 + app.firstSteps.length * 30);
  setter.space(6);
  setter.subheading(app.title);
  setter.paragraph(app.summary);
  if (app.url !== undefined) setter.link(app.url);
  if (app.firstSteps.length > 0) setter.steps(app.firstSteps);
  else setter.paragraph(signOnWords[app.signOn]);
}

const backups: Section = (setter, _facts, number) => {
  setter.heading(number, "Backups");
  setter.notice(
    "This version of WOPR does not make backups yet",
    "Your data is on the disk of your server. It survives restarts, updates of an app, and the removal of an app, as long as you do not ask for its data to be deleted too. It does not survive the loss of that disk.",
  );
  setter.paragraph(
    "Until backups are there, export what you cannot afford to lose with each app’s own export, and keep the copy somewhere else.",
  );
};

const help: Section = (setter, facts, number) => {
  setter.heading(number, "When something is wrong");
  setter.steps([
    `Open ${facts.dashboardUrl}: it shows what runs, what does not, and why. Each problem says what to do next.`,
    "Read the log of the app in question. The last lines usually name the cause.",
    "Stop the app and start it again. Its data stays where it is.",
    `Still stuck? Reply to the mail that this handbook came with, and name your beacon, ${facts.name}.`,
  ]);
};

const leaving: Section = (setter, facts, number) => {
  setter.heading(number, "Leaving");
  setter.paragraph(
    "Nothing here locks you in. Your apps are the unchanged open-source products, in ordinary Docker containers, with their data in ordinary Docker volumes. They keep running when the hub cannot be reached.",
  );
  setter.paragraph(
    `Before you go, export your data from each app. When a beacon is deleted its server and its disk are deleted with it, and ${facts.domain} stops leading anywhere. That cannot be undone.`,
  );
};
