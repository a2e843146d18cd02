import { z } from "zod";

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected a time like 22:00");

const isTimeZone = (name: string) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** When only what is critical may disturb, for example at night. `to` may be earlier than `from`: then it is on the next day. */
export const QuietHours = z
  .strictObject({
    from: TimeOfDay,
    to: TimeOfDay,
    /** Name in the IANA database (https://www.iana.org/time-zones), for example `Europe/Berlin`. */
    timeZone: z.string().max(60).refine(isTimeZone, "expected the name of a time zone like Europe/Berlin"),
  })
  .refine(({ from, to }) => from !== to, "expected two different times");
export type QuietHours = z.output<typeof QuietHours>;

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** When the quiet time that `at` lies in is over, in milliseconds since the epoch; `at` itself outside of it. */
export function endOfQuiet({ from, to, timeZone }: QuietHours, at: number): number {
  const isQuiet = (moment: number) => {
    const minute = minuteOfDay(moment, timeZone);
    const [start, end] = [minutesOf(from), minutesOf(to)];
    return start < end ? minute >= start && minute < end : minute >= start || minute < end;
  };
  if (!isQuiet(at)) return at;
  const left = (minutesOf(to) - minuteOfDay(at, timeZone) + DAY_MINUTES) % DAY_MINUTES;
  let end = at - (at % MINUTE_MS) + left * MINUTE_MS;
  // On a day on which clocks are changed the distance on the clock is not the time until then.
  while (isQuiet(end)) end += 15 * MINUTE_MS;
  while (!isQuiet(end - 15 * MINUTE_MS) && end - 15 * MINUTE_MS > at) end -= 15 * MINUTE_MS;
  return end;
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

function minuteOfDay(at: number, timeZone: string): number {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return minutesOf(clock.format(at));
}
