import { type CommandState, endedStates, type LedgerLine } from "../api/beacon.ts";
import { type Difference, differences } from "./difference.ts";
import type { JournalRecord } from "./journal-page.ts";

/** A command as the hub has it. */
export interface HubRecord {
  readonly id: string;
  readonly sequence: number;
  readonly name: string;
  readonly state: CommandState;
  readonly history: readonly LedgerLine[];
}

/** Both ledgers of one beacon. */
export interface Ledgers {
  readonly hub: readonly HubRecord[];
  readonly beacon: readonly JournalRecord[];
  /** Highest sequence among what the beacon forgot because it is old. */
  readonly forgottenSequence: number;
  /** The beacon's clock minus the hub's. */
  readonly aheadMs: number;
}

/** Of clocks that are kept by the network, with what a message takes on its way. */
const SKEW_MS = 60_000;

const isEnded = (state: CommandState) => endedStates.includes(state);
const says = (record: Pick<HubRecord, "state"> | undefined) => record?.state ?? "nothing";

/** Where two ledgers contradict each other. What is still on its way between them is no contradiction. */
export function compareLedgers({ hub, beacon, forgottenSequence, aheadMs }: Ledgers): Difference[] {
  const theirs = new Map(beacon.map((record) => [record.id, record]));
  const ours = new Set(hub.map(({ id }) => id));
  const unknown = beacon.filter(({ id, sequence }) => sequence !== null && !ours.has(id));
  return [
    ...hub.flatMap((record) => {
      const other = theirs.get(record.id);
      const kinds =
        other === undefined
          ? missing(record, forgottenSequence)
          : [...contradictions(record, other), ...times(record, other, aheadMs)];
      return kinds.map((kind) => differenceOf(kind, record, says(record), says(other)));
    }),
    ...unknown.map((record) => differenceOf("missing-on-hub", record, "nothing", record.state)),
    ...beacon
      .filter(({ history }) => isDoneTwice(history))
      .map((record) => differenceOf("done-twice", record, says(hub.find(({ id }) => id === record.id)), record.state)),
  ];
}

type Kind = keyof typeof differences;

const differenceOf = (
  kind: Kind,
  { id, name }: { id: string; name: string },
  hub: string,
  beacon: string,
): Difference => ({
  command: id,
  name,
  kind,
  hub,
  beacon,
  ...differences[kind],
});

/** The beacon knows nothing of a command. */
function missing({ sequence, state, history }: HubRecord, forgottenSequence: number): Kind[] {
  const wasThere = history.some((line) => line.state === "accepted" || line.state === "running");
  // One that was never sent, or is on its way, or was refused at the door, or is known to be lost.
  if (!wasThere || state === "lost" || sequence <= forgottenSequence) return [];
  return ["missing-on-beacon"];
}

function contradictions({ state, history }: HubRecord, other: JournalRecord): Kind[] {
  if (!history.some((line) => line.state === "sent")) return ["never-sent"];
  if (!isEnded(other.state)) return isEnded(state) && state !== "lost" ? ["goes-on"] : [];
  if (state === other.state) return [];
  // The result is on its way until the hub has confirmed it.
  if (!isEnded(state) || state === "lost") return other.acknowledgedAt === undefined ? [] : ["result-gone"];
  return ["ended-differently"];
}

function times({ state, history }: HubRecord, other: JournalRecord, aheadMs: number): Kind[] {
  const [heard, said] = [history.at(-1), other.history.at(-1)];
  if (state !== other.state || !isEnded(state) || heard?.saidAt === undefined || said === undefined) return [];
  const isOther = Math.abs(heard.saidAt - said.at) > SKEW_MS;
  const isHeardBefore = heard.at + aheadMs < said.at - SKEW_MS;
  return isOther || isHeardBefore ? ["other-time"] : [];
}

/** Begun twice, where it was not the same run that went on, or ended twice, or gone on after its end. */
function isDoneTwice(history: readonly LedgerLine[]): boolean {
  const begun = history.filter(({ state, why }) => state === "running" && why === undefined).length;
  const ended = history.findIndex(({ state }) => isEnded(state));
  return begun > 1 || (ended !== -1 && ended < history.length - 1);
}
