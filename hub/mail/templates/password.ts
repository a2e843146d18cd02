import { button, layOut, paragraph, type Words } from "./words.ts";

/** The mail with which somebody sets a new password. */
export function passwordMail({ url, minutes }: { readonly url: string; readonly minutes: number }): Words {
  const title = "Set your password";
  const terms = `The link works once, and for ${minutes} minutes.`;
  const warning = "You did not ask for it? Then do nothing: your password stays as it is.";
  return {
    subject: title,
    text: `${title}\n\n${url}\n\n${terms}\n${warning}\n`,
    html: layOut(title, [button("Set a new password", url), paragraph(terms), paragraph(warning)].join("\n")),
  };
}
