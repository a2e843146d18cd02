import { tiers } from "#shared/catalog/tiers.ts";
import { Problem } from "#shared/problem.ts";
import type { Provider } from "../../providers/provider.ts";
import { pauseMs } from "../../provisioning/pause.ts";
import type { Beacon } from "../../store/beacons.ts";
import { beaconOf } from "../beacon-of.ts";
import { carryOut } from "../carry-out.ts";
import type { Change, JobOf, LifecycleContext, Outcome } from "../change.ts";
import { planFit } from "../plan-fit.ts";
import { together } from "../together.ts";

/** Gives the server the processors and the memory of another tier; its disk and its address stay. */
export const resize: Change<"resize"> = {
  change: "resize",
  check: async (context, beacon, { tier, install = [], remove = [] }) => {
    const { market } = context;
    const provider = await market.open(beacon.provider);
    const present = await provider.get(serverOf(beacon));
    const size = market.sizeOf(beacon.provider, tier);
    if (size !== undefined && size !== present?.size && market.lacks(beacon.provider).includes("resize")) {
      throw new Problem("provider_refused", `${provider.title} cannot give a server another size`, {
        hint: "Rebuild the beacon at another provider, or keep the tier.",
      });
    }
    if (size === undefined && install.length + remove.length === 0) throw oneSize(provider);
    const kept = (beacon.inventory?.instances ?? []).map(({ module }) => module).filter((id) => !remove.includes(id));
    const memoryMb = tiers.find(({ id }) => id === tier)?.memoryMb ?? 0;
    const problem = planFit({ beacon: beacon.name, modules: [...kept, ...install], memoryMb });
    if (problem !== undefined) throw problem;
  },
  steps: [
    {
      name: "remove-apps",
      title: "Removing apps that are not paid for any more",
      attempts: 8,
      run: async (context, job) => {
        const { inventory } = await beaconOf(context, job);
        const gone = (inventory?.instances ?? []).filter(({ module }) => job.change.remove?.includes(module) ?? false);
        return together(
          gone.map(({ name }) => name),
          (instance) =>
            carryOut(context, job, {
              ...{ key: `remove ${instance}`, name: "module.remove", input: { instance, data: "keep" } },
              done: `${instance} is removed; its data is kept on the server.`,
            }),
          "No app goes.",
        );
      },
    },
    { name: "resize", title: "Giving the server its size", attempts: 12, run: giveSize },
    { name: "back-online", title: "Waiting for the beacon to answer", attempts: 8, run: answers },
    {
      name: "install-apps",
      title: "Installing what came with it",
      attempts: 8,
      run: (context, job) =>
        together(
          job.change.install ?? [],
          (module) =>
            carryOut(context, job, {
              ...{ key: `install ${module}`, name: "module.install", input: { module } },
              done: `${module} is installed.`,
            }),
          "No app comes.",
        ),
    },
  ],
};

/** Does nothing to a server that has the size already, so that apps alone can come and go without a restart. */
async function giveSize(context: LifecycleContext, job: JobOf<"resize">): Promise<Outcome> {
  const beacon = await beaconOf(context, job);
  const size = context.market.sizeOf(beacon.provider, job.change.tier);
  const provider = await context.market.open(beacon.provider);
  const present = await provider.get(serverOf(beacon));
  if (present === undefined) return { fail: gone(provider, beacon) };
  if (size === undefined || (present.size === size && present.status === "active")) {
    return { next: `The server has the size ${present.size ?? "that it always had"}.` };
  }
  await provider.resize(present.id, size);
  return { next: `The server is of the size ${size} now.` };
}

async function answers(context: LifecycleContext, job: JobOf<"resize">): Promise<Outcome> {
  const { links, now, silenceMs } = context;
  const beacon = await beaconOf(context, job);
  if (await links.answers(beacon.id)) return { next: "Its agent answers." };
  if (now() - job.enteredAt > silenceMs) {
    return {
      fail: new Problem("timed_out", `the agent of ${beacon.name} has not come back after the change of size`, {
        hint: "Look at the server in the provider's console; then retry.",
      }),
    };
  }
  return { wait: `${beacon.name} to come back online`, ms: pauseMs(job.enteredAt, now()) };
}

function serverOf({ name, providerId }: Beacon): string {
  if (providerId !== undefined) return providerId;
  throw new Problem("conflict", `the hub knows no server of ${name} at a provider`);
}

const gone = ({ title }: Provider, { name, providerId }: Beacon) =>
  new Problem("provider_refused", `${title} does not know the server of ${name} any more`, {
    hint: "Rebuild the beacon, or delete it.",
    details: { providerId },
  });

const oneSize = ({ title }: Provider) =>
  new Problem("provider_refused", `${title}: all servers have the same size`, { hint: "There is no other one." });
