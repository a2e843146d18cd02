/** The part of the hub that agents talk to, wired as `hub/start-hub.ts` does it, behind two routes that stand for the API. */
import { createServer } from "node:http";
import { join } from "node:path";
import { pino } from "pino";
import { createDispatch } from "#hub/commands/dispatch.ts";
import { every } from "#hub/every.ts";
import { createFleet } from "#hub/fleet/fleet.ts";
import { newId } from "#hub/id.ts";
import { createHistory } from "#hub/ingest/history.ts";
import { createIngest } from "#hub/ingest/ingest.ts";
import { openKeyRing } from "#hub/key-ring.ts";
import { createLive } from "#hub/live.ts";
import { commandKeyRing } from "#hub/signer/command-keys.ts";
import { createSigner } from "#hub/signer/signer.ts";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { createCommandStore } from "#hub/store/commands.ts";
import { openDatabase } from "#hub/store/database.ts";
import { createGapStore } from "#hub/store/gaps.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createRollupStore } from "#hub/store/rollups.ts";
import { createAgentEndpoint } from "#hub/ws/agent-endpoint.ts";
import { createLinks } from "#hub/ws/links.ts";
import { createWatch } from "#hub/ws/watch.ts";
import { Problem } from "#shared/problem.ts";
import { readSettings, settableClock } from "./settings.ts";

const { hubDirectory, hubPort, origin, enrolment, offsetMs } = readSettings();
const now = settableClock(offsetMs);
const log = pino({ level: "error" }, pino.destination(2));
const onError = (error: unknown) => log.error({ error }, "something failed in the background");

const signer = createSigner(openKeyRing(commandKeyRing(hubDirectory, now)));
const db = openDatabase(join(hubDirectory, "hub.sqlite"));
await migrate(db);
const live = createLive(onError);
const links = createLinks();
const beacons = createBeaconStore(db, now);
const rollups = createRollupStore(db);
const fleet = createFleet({ beacons, rollups, links, live, now, onError });
const commands = createCommandStore(db);
const dispatch = createDispatch({ commands, links, live, signer, ttlMs: 86_400_000, now, newId, onError });
const agents = createAgentEndpoint({
  ...{ beacons, signer, origin, now, newId, links, live, log },
  reports: dispatch,
  ingest: createIngest({ beacons, rollups, fleet, log, now }),
  history: createHistory({ rollups, gaps: createGapStore(db), now }),
  events: { take: async () => undefined, announce: async () => undefined },
  handout: { connected: async () => undefined },
  trust: {
    attached: () => undefined,
    connected: async () => undefined,
    rotate: async () => undefined,
    revoke: async () => undefined,
    reissue: () => Promise.reject(new Error("nobody enrols again in this test")),
    signingKeys: () => Promise.reject(new Error("nobody looks at keys in this test")),
    rotateSigningKey: () => Promise.reject(new Error("nobody rotates keys in this test")),
  },
  watch: createWatch(links.send),
  pingEveryMs: 300,
  silenceMs: 1500,
});

/** `POST /commands/<instance>` gives a command, `POST /cancel/<id>` asks for its end. */
async function answer(url: string): Promise<unknown> {
  const [, what, subject = ""] = url.split("/");
  if (what === "cancel") return dispatch.cancel(subject, "chaos@example.org");
  const input = { instance: subject };
  return dispatch.send({ beacon: enrolment.beacon, name: "module.stop", input, actor: "chaos@example.org" });
}

const server = createServer((request, response) => {
  answer(request.url ?? "/").then(
    (view) => response.writeHead(202).end(JSON.stringify(view)),
    (error: unknown) => response.writeHead(Problem.wrap(error).status).end(JSON.stringify(Problem.wrap(error))),
  );
});
server.on("upgrade", (request, socket, head) => {
  socket.on("error", () => socket.destroy());
  agents.upgrade(request, socket, head);
});
every(200, dispatch.sweep, onError);
every(500, () => rollups.rollUp(now()), onError);
server.listen(hubPort, "127.0.0.1", () => process.send?.("up"));
