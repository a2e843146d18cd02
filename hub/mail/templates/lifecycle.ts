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
