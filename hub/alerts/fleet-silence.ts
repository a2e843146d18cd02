/** Who fell silent earlier than that before it began has reasons of their own. */
const TOGETHER_MS = 600_000;
/** Of fewer beacons nobody can say that it is the hub. */
const LEAST_BEACONS = 5;

export interface HeardOf {
  readonly isOnline: boolean;
  /** When it was heard of last, milliseconds since the epoch; absent while that cannot be said. */
  readonly since: number | undefined;
}

/**
 * Which share of the beacons that were there has fallen silent together: when it is most of them, it is rather the hub that cannot be reached.
 * @param moment `since`: when it began, if it has.
 * @returns the series `fleet_silent_percent`; nothing where there are too few beacons to say it
 */
export function fleetSilence(
  beacons: readonly HeardOf[],
  { at, since: began }: { at: number; since: number },
): Record<string, number> {
  const there = beacons.filter(({ isOnline }) => isOnline).length;
  const from = Math.min(at, began) - TOGETHER_MS;
  const silent = beacons.filter(({ isOnline, since }) => !isOnline && since !== undefined && since >= from).length;
  if (there + silent < LEAST_BEACONS) return {};
  return { fleet_silent_percent: (100 * silent) / (there + silent) };
}
