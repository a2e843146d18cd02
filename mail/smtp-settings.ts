import { z } from "zod";

/** Settings of the mailer `smtp`. */
export const SmtpSettings = z.strictObject({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65535).default(587),
  /** TLS from the first byte (port 465). Otherwise STARTTLS is insisted on, unless the server is on this machine. */
  secure: z.boolean().default(false),
  user: z.string().min(1).optional(),
  password: z.string().min(1).optional(),
  /** `Name <address>` or an address. */
  from: z.string().min(3),
});
export type SmtpSettings = z.output<typeof SmtpSettings>;
