/** Time of day; the day as well when the ticks are a day or more apart, and where a day begins; seconds when they are that close. */
export function clockLabels(splits: readonly number[]): string[] {
  const apart = (splits[1] ?? 0) - (splits[0] ?? 0);
  const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
  if (apart >= 86_400) return splits.map((second) => day.format(second * 1_000));
  const clock = new Intl.DateTimeFormat(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    ...(apart < 60 ? { second: "2-digit" } : {}),
    hourCycle: "h23",
  });
  return splits.map((second) => {
    const at = new Date(second * 1_000);
    const isMidnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;
    return isMidnight ? day.format(at) : clock.format(at);
  });
}
