import { button, facts, notice, text, type Words, writeLetter } from "./letter.ts";

interface Handed {
  /** Of the beacon. */
  readonly name: string;
  readonly domain: string;
  /** Addresses of who had it, and of who has it now. */
  readonly from: string;
  readonly to: string;
}

/** The beacon belongs to its reader now. */
export const receivedMail = ({ name, domain, from, invitation }: Handed & { readonly invitation: string }): Words =>
  writeLetter({
    subject: `The beacon ${name} is yours`,
    blocks: [
      text(`${from} has given you ${domain}: a server of its own, with all that is on it.`),
      button("Sign in", invitation),
      text("You need no password: this link signs you in, once."),
      notice(
        "Whoever had accounts in its apps has them still. Change the passwords in the apps, and the SSH keys on the server, that only you should have.",
      ),
      text("Have a look at how it is paid for: what is charged to whom is on the page of your subscription."),
    ],
  });

/** The beacon is somebody else's now. */
export const handedOverMail = ({ name, domain, to }: Handed): Words =>
  writeLetter({
    subject: `The beacon ${name} is not yours any more`,
    blocks: [
      text(`${domain} was given to ${to}. You are signed out of it, and see it no more.`),
      facts(["Beacon", domain], ["New owner", to]),
      text("You did not want that? Write to whoever runs this service at once."),
    ],
  });

interface Changed {
  /** Of the beacon. */
  readonly name: string;
  readonly domain: string;
}

interface Running extends Changed {
  /** Where the beacon has said it. */
  readonly dashboardUrl: string | undefined;
}

const dashboard = (url: string | undefined) => (url === undefined ? [] : [button("Open the dashboard", url)]);

/** An operator has stopped the apps, whatever is paid. */
export const suspendedByOperatorMail = ({ name, domain }: Changed): Words =>
  writeLetter({
    subject: `Your beacon ${name} is suspended`,
    blocks: [
      text(`Whoever runs this service has suspended ${domain}: its apps do not answer any more.`),
      text(
        "Nothing is deleted. All of your data is on the server, which stays switched on, and you can still get at it over SSH.",
      ),
      text("You do not know why? Write to whoever runs this service: they decide when it goes on."),
    ],
  });

/** An operator has the apps run again. */
export const resumedByOperatorMail = ({ name, domain, dashboardUrl }: Running): Words =>
  writeLetter({
    subject: `Your beacon ${name} runs again`,
    blocks: [
      text(
        `${domain} is not suspended any more. What ran before runs again, with all of your data; that may take a few minutes.`,
      ),
      ...dashboard(dashboardUrl),
    ],
  });

/** The beacon is on another server, and what was on the former one is gone. */
export const rebuiltMail = ({
  name,
  domain,
  dashboardUrl,
  apps,
}: Running & { readonly apps: readonly string[] }): Words =>
  writeLetter({
    subject: `Your beacon ${name} has a new server`,
    blocks: [
      text(
        `Whoever runs this service has moved ${domain} to a new server. Its apps are installed again, with the settings and under the addresses that they had.`,
      ),
      ...(apps.length === 0 ? [] : [facts(["Apps", apps.join(", ")])]),
      notice("All that was on the former server is deleted: the apps are empty, and their passwords are new."),
      ...dashboard(dashboardUrl),
      text("The server has new SSH keys: your computer asks once whether it is the right one."),
    ],
  });
