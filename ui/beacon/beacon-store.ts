import { type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { AlertsView, SilenceInput } from "#shared/api/alerts.ts";
import type { BeaconOverview, CommandRequest, CommandView, ModuleSummary } from "#shared/api/beacon.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import { Problem } from "#shared/problem.ts";
import type { BeaconApi } from "../beacon-api.ts";
import type { LinkState } from "../event-stream.ts";
import { createTakeLatest } from "../latest-answer.ts";
import type { Toasts } from "../toasts.ts";
import { commandWords, instanceOf } from "./command-words.ts";
import { hasEnded, mergeCommands } from "./merge-commands.ts";

/** How much of the live samples is kept, one a second. */
const LIVE_KEPT_MS = 5 * 60_000;
const COMMANDS_READ = 50;

/** What a page knows of one beacon, kept up to date by its events. */
export class BeaconStore {
  readonly overview: Signal<BeaconOverview | undefined> = signal(undefined);
  readonly modules: Signal<readonly ModuleSummary[] | undefined> = signal(undefined);
  readonly commands: Signal<readonly CommandView[] | undefined> = signal(undefined);
  readonly alerts: Signal<AlertsView | undefined> = signal(undefined);
  readonly live: Signal<readonly Sample[]> = signal([]);
  readonly link: Signal<LinkState> = signal("connecting");
  /** Why nothing could be read, when nothing could. */
  readonly problem: Signal<Problem | undefined> = signal(undefined);
  /** Commands whose end deserves a toast: the reader started them and looks at something else. */
  readonly #announced = new Set<string>();
  readonly api: BeaconApi;
  readonly #toasts: Toasts;
  readonly #takeState = createTakeLatest();
  readonly #takeAlerts = createTakeLatest();

  constructor(api: BeaconApi, toasts: Toasts) {
    this.api = api;
    this.#toasts = toasts;
  }

  /** @returns stops listening */
  open(): () => void {
    void this.read();
    return this.api.followEvents({
      onOverview: (overview) => {
        this.overview.value = overview;
      },
      onLive: (sample) => {
        const from = sample.at - LIVE_KEPT_MS;
        this.live.value = [...this.live.value.filter(({ at }) => at > from && at < sample.at), sample];
      },
      onCommand: (command) => this.#take([command]),
      onAlert: () =>
        void this.#readAlerts().catch((thrown: unknown) => {
          this.problem.value = Problem.wrap(thrown);
        }),
      onState: (state) => {
        this.link.value = state;
        // What happened while nobody listened was in no event, also before the first of these.
        if (state === "open") void this.read();
      },
    });
  }

  readonly read = async (): Promise<void> => {
    const { api } = this;
    try {
      await this.#takeState(
        () => Promise.all([api.overview(), api.commands(COMMANDS_READ), this.#readAlerts()]),
        ([overview, commands]) => {
          this.overview.value = overview;
          this.#take(commands);
          this.problem.value = undefined;
        },
      );
    } catch (thrown) {
      this.problem.value = Problem.wrap(thrown);
    }
  };

  /** The catalogue, read once when something needs it. */
  readonly readModules = async (): Promise<readonly ModuleSummary[]> => {
    this.modules.value ??= await this.api.modules();
    return this.modules.value;
  };

  /** Orders a command. With `announce` its end is told by a toast. */
  readonly submit = async (request: CommandRequest, { announce = true } = {}): Promise<CommandView> => {
    const command = await this.api.submit(request);
    if (announce) this.#announced.add(command.id);
    this.#take([command]);
    return command;
  };

  /** From now on the end of this command is told by a toast. */
  readonly announce = (id: string) => {
    const command = this.commands.value?.find((known) => known.id === id);
    if (command !== undefined && !hasEnded(command)) this.#announced.add(id);
  };

  readonly cancel = async (id: string): Promise<void> => this.#take([await this.api.cancel(id)]);

  /** The command that is changing an instance now. */
  readonly commandOn = (instance: string): CommandView | undefined =>
    this.commands.value?.find((command) => !hasEnded(command) && instanceOf(command) === instance);

  /** Nobody is told of an alert for a while. */
  readonly silence = async (input: SilenceInput): Promise<void> => {
    this.alerts.value = await this.api.silence(input);
  };

  #readAlerts(): Promise<void> {
    return this.#takeAlerts(this.api.alerts, (alerts) => {
      this.alerts.value = alerts;
    });
  }

  #take(heard: readonly CommandView[]) {
    this.commands.value = mergeCommands(this.commands.value ?? [], heard);
    for (const { id } of heard) {
      const command = this.commands.value.find((known) => known.id === id);
      if (command === undefined || !hasEnded(command) || !this.#announced.delete(id)) continue;
      const { wish, done } = commandWords(command);
      if (command.state === "done") this.#toasts.show("good", done);
      else if (command.state === "cancelled") this.#toasts.show("plain", `Cancelled: ${wish}`);
      else this.#toasts.show("bad", `${wish} failed: ${command.problem?.message ?? "it was not carried out in time"}`);
    }
  }
}

export const BeaconContext = createContext<BeaconStore | undefined>(undefined);

export function useBeacon(): BeaconStore {
  const store = useContext(BeaconContext);
  if (store === undefined) throw new Error("a component is outside of its BeaconContext");
  return store;
}
