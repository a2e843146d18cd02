import { Problem } from "#shared/problem.ts";
import { rebuiltMail } from "../../mail/templates/lifecycle.ts";
import { coreModules } from "../../provisioning/states/deploying-wopr.ts";
import { beaconOf } from "../beacon-of.ts";
import { carryOut } from "../carry-out.ts";
import type { Change, JobOf, LifecycleContext, Outcome } from "../change.ts";
import { awaitAgent, createServer, dropServers, giveUpServer } from "../new-server.ts";
import { together } from "../together.ts";

/**
 * A new server in place of the present one, under the same names and with the same apps, without their data. The present one is deleted
 * last: until the new one's agent has proved itself all can be called off, and until the end the data is still there for whoever needs it.
 */
export const rebuild: Change<"rebuild"> = {
  change: "rebuild",
  check: async (_context, { name, suspendedAt }) => {
    if (suspendedAt === undefined) return;
    throw new Problem("conflict", `${name} is suspended`, { hint: "Resume it first." });
  },
  letters: ({ facts }, { beacon }) => {
    if (beacon === undefined) return [];
    const { email: recipient, name, domain, inventory } = beacon;
    const apps = (facts.apps ?? []).map(({ instance }) => instance);
    return [{ recipient, words: rebuiltMail({ name, domain, dashboardUrl: inventory?.dashboardUrl, apps }) }];
  },
  steps: [
    {
      name: "note",
      title: "Noting what is there",
      attempts: 5,
      // On its own: soon the books say of the new server what they say of the present one now.
      run: async (context, job) => {
        const { providerId, publicKey, inventory } = await beaconOf(context, job);
        const apps = (inventory?.instances ?? [])
          .filter(({ core }) => !core)
          .map(({ module, name, parameters }) => ({ module, instance: name, parameters }));
        const facts = {
          apps,
          ...(providerId === undefined ? {} : { formerVps: providerId }),
          ...(publicKey === undefined ? {} : { formerKey: publicKey }),
        };
        return {
          next: `To be installed again: ${apps.map(({ instance }) => instance).join(", ") || "no app"}.`,
          facts,
        };
      },
    },
    { name: "create-server", title: "Creating the new server", attempts: 8, run: createServer },
    {
      name: "wait-for-agent",
      title: "Waiting for the new server to report",
      attempts: 8,
      retryIn: "create-server",
      run: awaitAgent,
    },
    { name: "move-names", title: "Leading its names there", attempts: 30, run: moveNames },
    { name: "install-core", title: "Installing the core modules", attempts: 8, run: installCore },
    { name: "install-apps", title: "Installing the apps", attempts: 8, run: installApps },
    { name: "drop-former", title: "Deleting the former server", attempts: 30, run: dropServers },
  ],
  calledOff: { until: "wait-for-agent", undo: giveUpServer },
};

async function moveNames(context: LifecycleContext, job: JobOf<"rebuild">): Promise<Outcome> {
  const { beacons, market, dns } = context;
  const { id, name, domain, provider } = await beaconOf(context, job);
  const { vps: server = "" } = job.facts;
  const vps = await (await market.open(provider)).get(server);
  if (vps?.address === undefined) throw new Problem("not_found", `the new server of ${name} has no address`);
  const { address, address6 } = vps;
  const addresses = address6 === undefined ? [address] : [address, address6];
  await beacons.update(id, { providerId: server, address, address6: address6 ?? null });
  await dns.ensure(domain, addresses);
  await dns.verify(domain, addresses);
  return { next: `${domain} and *.${domain} lead to ${addresses.join(" and ")}.` };
}

function installCore(context: LifecycleContext, job: JobOf<"rebuild">) {
  return together(
    coreModules,
    (module) =>
      carryOut(context, job, {
        ...{ key: `install ${module}`, name: "module.install", input: { module } },
        done: `${module} is installed.`,
      }),
    "",
  );
}

function installApps(context: LifecycleContext, job: JobOf<"rebuild">) {
  return together(
    job.facts.apps ?? [],
    ({ module, instance, parameters }) =>
      carryOut(context, job, {
        ...{ key: `install ${instance}`, name: "module.install", input: { module, instance, parameters } },
        done: `${instance} is installed.`,
      }),
    "There was no app.",
  );
}
