import { button, text, type Words, writeLetter } from "./letter.ts";

/** The mail with which somebody sets a new password. */
export const passwordMail = ({ url, minutes }: { readonly url: string; readonly minutes: number }): Words =>
  writeLetter({
    subject: "Set your password",
    blocks: [
      button("Set a new password", url),
      text(`The link works once, and for ${minutes} minutes.`),
      text("You did not ask for it? Then do nothing: your password stays as it is."),
    ],
  });
