import type { ResolvedInstance } from "../../instance.ts";
import type { Observed } from "../../observed.ts";
import type { Objection } from "./objection.ts";

/** While a beacon is suspended nothing is started, installed or changed on it; what is there can be stopped and removed. */
export const suspension = ({ name }: ResolvedInstance, { instances }: Observed): Objection[] =>
  instances.some(({ suspendedFrom }) => suspendedFrom !== undefined)
    ? [
        {
          code: "not_entitled",
          where: name,
          message: "this beacon is suspended",
          hint: "It comes back as it was as soon as its hub resumes it.",
        },
      ]
    : [];
