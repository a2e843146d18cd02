import { button, text, type Words, writeLetter } from "./letter.ts";

/** The mail with which somebody signs in without a password. */
export const magicLinkMail = ({ url, minutes }: { readonly url: string; readonly minutes: number }): Words =>
  writeLetter({
    subject: "Sign in to WOPR",
    blocks: [
      button("Sign in", url),
      text(`The link works once, and for ${minutes} minutes.`),
      text("You did not ask for it? Then do nothing: without this link nobody gets in."),
    ],
  });
