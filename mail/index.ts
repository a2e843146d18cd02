// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.
import { mailgunMailer } from "./mailgun.ts";
import { resendMailer } from "./resend.ts";
import { smtpMailer } from "./smtp.ts";

export const mailerKinds = [mailgunMailer, resendMailer, smtpMailer] as const;
