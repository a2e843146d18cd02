import { type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { FleetAlert } from "#shared/api/alerts.ts";
import type { BeaconSummary, JobView, Me } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { LinkState } from "#ui/event-stream.ts";
import { createTakeLatest } from "#ui/latest-answer.ts";
import type { HubApi } from "./hub-api.ts";

/** Jobs that came newest come first. */
const byNewest = (a: JobView, b: JobView) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
const byName = (a: BeaconSummary, b: BeaconSummary) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const ALERTS_REST_MS = 250;

/** Pure: an answer that was overtaken by an event has fewer entries in its life, and is left out. */
export const newerJob = (known: JobView | undefined, heard: JobView): JobView =>
  known !== undefined && known.events.length > heard.events.length ? known : heard;

/** What the console knows of the fleet, kept up to date by its events. */
export class FleetStore {
  readonly beacons: Signal<readonly BeaconSummary[] | undefined> = signal(undefined);
  readonly jobs: Signal<readonly JobView[] | undefined> = signal(undefined);
  /** Names alone, for pages that need not be drawn again whenever a value changes. */
  readonly names: Signal<readonly Pick<BeaconSummary, "id" | "name">[]> = signal([]);
  /** What is wrong now; only the operator sees it of all. */
  readonly alerts: Signal<readonly FleetAlert[] | undefined> = signal(undefined);
  /** How often a beacon as a whole was heard to change, and the link to be back. */
  readonly changes: Signal<number> = signal(0);
  readonly link: Signal<LinkState> = signal("connecting");
  readonly problem: Signal<Problem | undefined> = signal(undefined);
  readonly api: HubApi;
  #alertsDue: ReturnType<typeof setTimeout> | undefined;
  /** Orders and jobs are for operators; owners see their beacons. */
  readonly isOperator: boolean;
  readonly #takeFleet = createTakeLatest();
  readonly #takeAlerts = createTakeLatest();

  constructor(api: HubApi, role: Me["role"]) {
    this.api = api;
    this.isOperator = role === "operator";
  }

  /** @returns stops listening */
  open(): () => void {
    void this.read();
    return this.api.followFleet({
      onBeacons: (changed) => {
        const known = new Map((this.beacons.value ?? []).map((beacon) => [beacon.id, beacon]));
        for (const beacon of changed) known.set(beacon.id, beacon);
        this.#put([...known.values()]);
      },
      onJob: (job) => this.take([job]),
      onLifecycle: () => {
        this.changes.value++;
      },
      onAlert: () => this.#readAlertsSoon(),
      onState: (state) => {
        this.link.value = state;
        // What happened while nobody listened was in no event, also before the first of these.
        if (state !== "open") return;
        void this.read();
        this.changes.value++;
      },
    });
  }

  readonly read = async (): Promise<void> => {
    try {
      await this.#takeFleet(
        () => Promise.all([this.api.beacons(), this.isOperator ? this.api.jobs() : [], this.readAlerts()]),
        ([beacons, jobs]) => {
          this.#put([...beacons]);
          this.take(jobs);
          this.problem.value = undefined;
        },
      );
    } catch (thrown) {
      this.problem.value = Problem.wrap(thrown);
    }
  };

  readonly readAlerts = async (): Promise<void> => {
    if (!this.isOperator) return;
    await this.#takeAlerts(this.api.alerts, (alerts) => {
      this.alerts.value = alerts;
    });
  };

  /** Many come at once when much goes wrong: they are read once for all of them. */
  #readAlertsSoon() {
    this.#alertsDue ??= setTimeout(() => {
      this.#alertsDue = undefined;
      this.readAlerts().catch((thrown: unknown) => {
        this.problem.value = Problem.wrap(thrown);
      });
    }, ALERTS_REST_MS);
  }

  #put(beacons: BeaconSummary[]) {
    beacons.sort(byName);
    const before = this.names.value;
    const isSame =
      before.length === beacons.length &&
      beacons.every(({ id, name }, nth) => before[nth]?.id === id && before[nth]?.name === name);
    if (!isSame) this.names.value = beacons.map(({ id, name }) => ({ id, name }));
    this.beacons.value = beacons;
  }

  readonly take = (heard: readonly JobView[]) => {
    const byId = new Map((this.jobs.value ?? []).map((job) => [job.id, job]));
    for (const job of heard) byId.set(job.id, newerJob(byId.get(job.id), job));
    this.jobs.value = [...byId.values()].sort(byNewest);
  };
}

export const FleetContext = createContext<FleetStore | undefined>(undefined);

export function useFleet(): FleetStore {
  const fleet = useContext(FleetContext);
  if (fleet === undefined) throw new Error("a page is outside of its FleetContext");
  return fleet;
}
