import { z } from "zod";
import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import { Silence, type SilenceInput, silences } from "#shared/api/alerts.ts";
import type { Settings } from "../store/settings.ts";

/** Of which alerts this beacon tells nobody for a while. Its hub is told all the same, and has silences of its own. */
export interface Silences {
  /** Those that are not over. */
  readonly list: () => Silence[];
  /** One of the same alert is replaced. */
  readonly put: (input: SilenceInput, by: string) => void;
  readonly covers: (event: Pick<AlertEvent, "rule" | "subject">) => boolean;
}

const KEY = "silences";
const HOUR_MS = 3_600_000;

export function createSilences(settings: Settings, now: () => number): Silences {
  let known = settings.get(KEY, z.array(Silence)) ?? [];
  const list = () => known.filter(({ until }) => until > now());
  return {
    list,
    put: ({ rule, subject, hours, why }, by) => {
      const others = list().filter((one) => one.rule !== rule || one.subject !== subject);
      const silence = { rule, subject, until: now() + hours * HOUR_MS, by, why, createdAt: now() };
      known = hours === 0 ? others : [silence, ...others];
      settings.put(KEY, known);
    },
    covers: (event) => known.some((silence) => silences(silence, event, now())),
  };
}
