/**
 * A hub of provisioning alone, for a test to kill: everything is on disk or in other processes. Arguments: the folder,
 * the port of an SMTP server. Says `state <STATE>` at each change.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { loopbackDns } from "#hub/dns/loopback.ts";
import { newId } from "#hub/id.ts";
import { createMailQueue } from "#hub/mail/mail-queue.ts";
import { createPrecedence } from "#hub/precedence.ts";
import { localProvider } from "#hub/providers/local.ts";
import { createProviderMarket } from "#hub/providers/market.ts";
import { createProvisioning } from "#hub/provisioning/provisioning.ts";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { openDatabase } from "#hub/store/database.ts";
import { createDocumentStore } from "#hub/store/documents.ts";
import { createJobStore } from "#hub/store/jobs.ts";
import { createMailStore } from "#hub/store/mails.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createProviderChoices } from "#hub/store/provider-choices.ts";
import { createSettingStore } from "#hub/store/settings.ts";
import { smtpMailer } from "#mail/smtp.ts";
import { CommandView } from "#shared/api/beacon.ts";
import { userDataOf } from "#test/fixtures/user-data.ts";
import { dnsTools } from "#test/hub/dns/dns-tools.ts";
import { inventoryOf } from "./inventory.ts";

const [folder = "", smtpPort = ""] = process.argv.slice(2);
const db = openDatabase(join(folder, "hub.sqlite"));
await migrate(db);
const now = Date.now;
const root = join(folder, "vps");
const beacons = createBeaconStore(db, now);
const settings = createSettingStore(db);
const documents = createDocumentStore(db);
const provider = localProvider({
  ...{ root, portRange: { from: 42_600, to: 42_620 }, address: "127.0.0.1", modulesDirectory: "/modules" },
  dockerSocket: "/var/run/docker.sock",
  agentCommand: [process.execPath, join(import.meta.dirname, "../providers/stand-in-agent.ts")],
});
const mails = createMailQueue({
  ...{ mails: createMailStore(db), documents, now, onProblem: console.error },
  mailer: smtpMailer.open(
    { host: "127.0.0.1", port: Number(smtpPort), from: "hub@example.org" },
    { publicHost: "hub" },
  ),
});

const vpsOf = new Map<string, string>();
const provisioning = createProvisioning({
  ...{
    now,
    newId,
    precedence: createPrecedence(now),
    market: createProviderMarket({
      kinds: [],
      choices: createProviderChoices(db),
      accounts: { offers: async () => [], configured: async () => [], open: async () => provider },
      own: { provider, weight: 1 },
    }),
    dns: loopbackDns.open({}, dnsTools()),
    mails,
    documents,
    beacons,
    publicUrl: "http://127.0.0.1:9",
  },
  ...{ zone: "localhost", silenceMs: 60_000, deliverWithinHours: 24, modules: () => new Map(), onError: console.error },
  billing: { isPaid: async () => true, takeBack: async () => undefined },
  userData: async (bootstrap) => userDataOf(bootstrap),
  accounts: {
    ensureOwner: async (email) => ({ id: email }),
    invitation: async () => "http://127.0.0.1:9/in",
    operators: async () => [],
  },
  enrolments: {
    issue: async (beacon) => {
      const token = newId("token");
      await settings.put(`token of ${beacon}`, token);
      return token;
    },
    wasIssued: async (beacon) => (await settings.get(`token of ${beacon}`)) !== undefined,
    expect: async () => undefined,
    refusal: async () => undefined,
  },
  // The stand-in agent says that it is there with a file.
  links: { isOnline: (beacon) => existsSync(join(root, vpsOf.get(beacon) ?? "", "data", "enrolled")) },
  // A command is carried out as soon as it is stored, and each sending of a new one is counted by its key.
  dispatch: {
    get: async (id) => {
      const stored = await settings.get(id);
      return stored === undefined ? undefined : CommandView.parse(JSON.parse(stored));
    },
    send: async ({ beacon, ...order }) => {
      const command: CommandView = { ...order, state: "done", createdAt: now() };
      await settings.put(order.id, JSON.stringify(command));
      await beacons.update(beacon, { inventory: inventoryOf([], new Map()) });
      return command;
    },
  },
  jobs: createJobStore(db),
  live: {
    publish: (_topic, event) => "state" in event && console.log(`state ${event.state}`),
    isHeard: () => true,
  },
});
for (const { id, providerId } of await beacons.list()) if (providerId !== undefined) vpsOf.set(id, providerId);
setInterval(async () => {
  for (const { id, providerId } of await beacons.list()) if (providerId !== undefined) vpsOf.set(id, providerId);
}, 20);

if ((await provisioning.jobs()).length === 0) {
  await provisioning.order({ email: "ada@example.org", beacon: "ada", modules: [] }, "op");
}
mails.start();
provisioning.start();
