import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import type { BeaconOverview } from "#shared/api/beacon.ts";
import type { InstanceState, InstanceStatus } from "#shared/inventory.ts";
import type { Tone } from "../components/status.tsx";
import { formatCount } from "../format.ts";
import { needsAttention } from "./certificate-words.ts";

export const instanceTones: Readonly<Record<InstanceState, Tone>> = {
  running: "good",
  starting: "busy",
  degraded: "bad",
  stopped: "off",
};

export const instanceWords: Readonly<Record<InstanceState, string>> = {
  running: "Running",
  starting: "Starting",
  degraded: "Not well",
  stopped: "Stopped",
};

export interface Health {
  readonly tone: Tone;
  /** Whether everything is well, in one sentence. */
  readonly sentence: string;
  /** What that rests on. */
  readonly detail: string;
}

const listOf = (instances: readonly InstanceStatus[]) => instances.map(({ title }) => title).join(", ");

/** Whether everything is well, from what the beacon said last. */
export function healthOf(
  { online, inventory }: BeaconOverview,
  now: number,
  firing: readonly AlertEvent[] = [],
): Health {
  if (inventory === undefined) {
    return {
      tone: "busy",
      sentence: "Waiting for the first report.",
      detail: "The agent has not told yet what is on this beacon.",
    };
  }
  const apps = inventory.instances.filter(({ core }) => !core);
  const degraded = inventory.instances.filter(({ state }) => state === "degraded");
  const starting = inventory.instances.filter(({ state }) => state === "starting");
  const stopped = apps.filter(({ state }) => state === "stopped");
  const running = apps.filter(({ state }) => state === "running");
  const detail = [
    apps.length === 0 ? "No apps yet" : `${running.length} of ${formatCount(apps.length, "app")} running`,
    ...(stopped.length === 0 ? [] : [`${stopped.length} stopped`]),
  ].join(", ");

  if (!online) {
    return {
      tone: "bad",
      sentence: "This beacon is out of reach.",
      detail: "What is shown here is what it said last.",
    };
  }
  if (degraded.length > 0) {
    const verb = degraded.length === 1 ? "needs" : "need";
    return { tone: "bad", sentence: `${listOf(degraded)} ${verb} attention.`, detail };
  }
  if (firing.length > 0) {
    const tone = firing.some(({ severity }) => severity === "critical") ? "bad" : "warn";
    const sentence = firing.length === 1 ? "One thing needs attention." : `${firing.length} things need attention.`;
    return { tone, sentence, detail };
  }
  if (starting.length > 0) return { tone: "busy", sentence: `${listOf(starting)} is starting.`, detail };
  const unsafe = inventory.certificates.filter((state) => needsAttention(state, now)).map(({ host }) => host);
  if (unsafe.length > 0) {
    const verb = unsafe.length === 1 ? "certificate of" : "certificates of";
    return { tone: "warn", sentence: `Look at the ${verb} ${unsafe.join(", ")}.`, detail };
  }
  return { tone: "good", sentence: "Everything is running well.", detail };
}
