import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** Of Debian's package pdns-backend-sqlite3. */
const SCHEMA = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";
const START_WITHIN_MS = 15_000;

export interface RealPdns {
  /** Origin of its API. */
  readonly url: string;
  readonly apiKey: string;
  /** `address:port` at which it answers for its zones. */
  readonly dns: string;
  /** Calls its API below `/api/v1/servers/localhost`. */
  api(method: string, path: string, body?: unknown): Promise<Response>;
  /** Makes a zone whose name servers are `hosts`, the hosts' own addresses among its records. */
  addZone(zone: string, hosts: Readonly<Record<string, string>>): Promise<void>;
  /** All there is in a zone, a line a record: `name type value`. */
  records(zone: string): Promise<string[]>;
  /** Puts one record set there, or takes it away where no values are given; as a vendor's own servers would have it. */
  publish(zone: string, name: string, type: string, values: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** PowerDNS itself on loopback, with a folder and a database of its own. */
export async function startPdns(address = "127.0.0.1"): Promise<RealPdns> {
  const folder = mkdtempSync(join(tmpdir(), "wopr-pdns-"));
  const database = join(folder, "pdns.sqlite3");
  const db = new DatabaseSync(database);
  db.exec(readFileSync(SCHEMA, "utf8"));
  db.close();
  const apiKey = randomUUID();
  const [port, apiPort] = [await freePort(address), await freePort(address)];
  const settings = {
    launch: "gsqlite3",
    "gsqlite3-database": database,
    "local-address": address,
    "local-port": port,
    api: "yes",
    "api-key": apiKey,
    webserver: "yes",
    "webserver-address": address,
    "webserver-port": apiPort,
    "socket-dir": folder,
    daemon: "no",
    guardian: "no",
    "receiver-threads": 1,
    "distributor-threads": 1,
  };
  // Debian runs it as a user of its own, who could not read this folder.
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  writeFileSync(join(folder, "pdns.conf"), [...lines, ""].join("\n"), { mode: 0o600 });
  const child = spawn("pdns_server", [`--config-dir=${folder}`], { stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => said.push(String(data)));
  const ended = once(child, "exit");
  const url = `http://${address}:${apiPort}`;
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true });
  };

  const api = (method: string, path: string, body?: unknown) =>
    fetch(`${url}/api/v1/servers/localhost${path}`, {
      method,
      headers: { "x-api-key": apiKey, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const done = async (answer: Promise<Response>) => {
    const response = await answer;
    if (!response.ok) throw new Error(`PowerDNS answered ${response.status}: ${await response.text()}`);
  };

  const deadline = Date.now() + START_WITHIN_MS;
  while (!(await api("GET", "").catch(() => undefined))?.ok) {
    if (child.exitCode === null && Date.now() < deadline) await sleep(50);
    else {
      await stop();
      throw new Error(`PowerDNS does not answer: ${said.join("")}`);
    }
  }

  return {
    url,
    apiKey,
    dns: `${address}:${port}`,
    api,
    addZone: async (zone, hosts) => {
      const nameservers = Object.keys(hosts).map((host) => `${host}.`);
      const rrsets = Object.entries(hosts).map(([host, ip]) => ({
        name: `${host}.`,
        type: "A",
        ttl: 300,
        records: [{ content: ip, disabled: false }],
      }));
      await done(api("POST", "/zones", { name: `${zone}.`, kind: "Native", nameservers, rrsets }));
    },
    records: async (zone) => {
      const { rrsets } = Zone.parse(await (await api("GET", `/zones/${zone}.`)).json());
      return rrsets
        .flatMap(({ name, type, records }) => records.map(({ content }) => `${name.slice(0, -1)} ${type} ${content}`))
        .sort();
    },
    publish: async (zone, name, type, values) => {
      const set = {
        name: `${name}.`,
        type,
        ttl: 300,
        records: values.map((content) => ({ content, disabled: false })),
      };
      const changetype = values.length === 0 ? "DELETE" : "REPLACE";
      await done(api("PATCH", `/zones/${zone}.`, { rrsets: [{ ...set, changetype }] }));
    },
    stop,
  };
}

const Zone = z.object({
  rrsets: z.array(
    z.object({ name: z.string(), type: z.string(), records: z.array(z.object({ content: z.string() })) }),
  ),
});

/** Free for TCP and UDP. */
async function freePort(address: string): Promise<number> {
  const server = createServer();
  server.listen(0, address);
  await once(server, "listening");
  const taken = server.address();
  if (taken === null || typeof taken === "string") throw new Error("no port");
  const socket = createSocket("udp4");
  socket.bind(taken.port, address);
  await once(socket, "listening");
  socket.close();
  await new Promise((resolve) => server.close(resolve));
  return taken.port;
}
