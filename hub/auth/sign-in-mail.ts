/** Texts of the mails that let people in. */
interface SignInMail {
  readonly subject: string;
  readonly text: string;
}

export const magicLinkMail = (url: string, minutes: number): SignInMail => ({
  subject: "Your link to sign in",
  text: [
    "Open this link to sign in:",
    "",
    url,
    "",
    `It works once, for ${minutes} minutes. If you did not ask for it, somebody typed your address by mistake:`,
    "you need not do anything.",
    "",
  ].join("\n"),
});

export const passwordMail = (url: string, minutes: number): SignInMail => ({
  subject: "Set your password",
  text: [
    "Open this link to set a new password:",
    "",
    url,
    "",
    `It works once, for ${minutes} minutes. If you did not ask for it, your password stays as it is.`,
    "",
  ].join("\n"),
});
