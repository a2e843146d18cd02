import { button, layOut, paragraph, type Words } from "./words.ts";

/** The mail with which somebody signs in without a password. */
export function magicLinkMail({ url, minutes }: { readonly url: string; readonly minutes: number }): Words {
  const title = "Sign in to WOPR";
  const terms = `The link works once, and for ${minutes} minutes.`;
  const warning = "You did not ask for it? Then do nothing: without this link nobody gets in.";
  return {
    subject: title,
    text: `${title}\n\n${url}\n\n${terms}\n${warning}\n`,
    html: layOut(title, [button("Sign in", url), paragraph(terms), paragraph(warning)].join("\n")),
  };
}
